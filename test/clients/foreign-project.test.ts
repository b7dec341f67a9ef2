/**
 * Somebody else's project: an empty folder, the packed tarball installed into it as the registry would, the examples of
 * docs/testing.md as its tests, run by its own vitest. Nothing of this checkout is seen but the tarball.
 */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { must, run } from '../support/child.ts';
import { docExamples } from '../support/doc-examples.ts';
import { CACHE_DIR, REPO_ROOT, scratchDir } from '../support/paths.ts';

const DEADLINE_MS = 900_000;
const VITEST = 'vitest@4.1.12';
/** What each example needs besides; the newest of @platformatic/kafka that runs on Node 20. */
const LIBRARIES = {
  'kafkajs.test.mjs': 'kafkajs@2.2.4',
  'platformatic.test.mjs': '@platformatic/kafka@1.35.0',
  'confluent.test.mjs': '@confluentinc/kafka-javascript@1.10.1',
} as const;
const CONFLUENT = '@confluentinc/kafka-javascript';

const examples = docExamples('testing.md');
let home: string;

beforeAll(async () => {
  home = join(scratchDir('foreign'), 'project');
  cpSync(await libraries(), home, { recursive: true });
  // What npm would build first is built already (npm run test:clients), and may be in use by others.
  const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', home];
  const { stdout } = await must('npm', pack, { cwd: REPO_ROOT, deadlineMs: DEADLINE_MS });
  await install(home, [join(home, stdout.trim().split('\n').at(-1)!)]);
  for (const [name, body] of examples) writeFileSync(join(home, name), body);
}, DEADLINE_MS);

/** A project with vitest and the libraries, installed once: @confluentinc/kafka-javascript is compiled for minutes. */
async function libraries(): Promise<string> {
  const done = join(CACHE_DIR, `foreign-project-${digest([VITEST, ...Object.values(LIBRARIES)])}`);
  if (existsSync(done)) return done;
  const work = `${done}.${process.pid}`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  writeFileSync(join(work, 'package.json'), JSON.stringify({ private: true, type: 'module', name: 'foreign' }));
  await install(work, [VITEST, ...Object.values(LIBRARIES)], '--ignore-scripts');
  // With what the machine has of libraries: left to itself it downloads a binary, or the sources of OpenSSL and others.
  const env = { ...process.env, CKJS_LINKING: 'dynamic' };
  await must('npm', ['rebuild', CONFLUENT], { cwd: work, env, deadlineMs: DEADLINE_MS });
  renameSync(work, done);
  return done;
}

const digest = (names: readonly string[]): string =>
  createHash('sha256').update(names.join()).digest('hex').slice(0, 12);

const install = (folder: string, packages: readonly string[], ...flags: string[]) =>
  must('npm', ['install', '--no-audit', '--no-fund', ...flags, ...packages], { cwd: folder, deadlineMs: DEADLINE_MS });

test('every example has its library here', () => {
  expect([...examples.keys()].sort()).toEqual(Object.keys(LIBRARIES).sort());
});

test.each(Object.keys(LIBRARIES))('%s passes, and leaves nothing running', { timeout: DEADLINE_MS }, async name => {
  // A worker that cannot end is told by vitest after its teardown; here it is an error.
  const done = await run('npx', ['vitest', 'run', name, '--teardownTimeout', '60000'], {
    cwd: home,
    deadlineMs: DEADLINE_MS,
  });
  const said = `${done.stdout}\n${done.stderr}`;
  expect(said).not.toMatch(/hanging|close timed out|did not exit/i);
  expect([done.code, done.signal], said).toEqual([0, null]);
});

test('the types are found by their names', { timeout: DEADLINE_MS }, async () => {
  const program = `
    import { Broker, type BrokerOptions } from 'milena';
    import { faults, resetTopic, waitUntilCaughtUp, type ErrorName } from 'milena/testing';
    const options: BrokerOptions = { dataDir: '/tmp/x', faults: true };
    const broker: Broker = await Broker.start(options);
    const error: ErrorName = 'NOT_LEADER_OR_FOLLOWER';
    await faults(broker).nextAppendFails('t', { error });
    await resetTopic(broker, 't', { how: 'deleteRecords' });
    await waitUntilCaughtUp(broker, 'g', { signal: AbortSignal.timeout(1) });
  `;
  writeFileSync(join(home, 'types.mts'), program);
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--skipLibCheck', '--typeRoots'];
  const types = join(REPO_ROOT, 'node_modules', '@types');
  const tsc = join(REPO_ROOT, 'node_modules', '.bin', 'tsc');
  const done = await run(tsc, [...flags, types, 'types.mts'], { cwd: home, deadlineMs: DEADLINE_MS });
  expect([done.code, done.stdout]).toEqual([0, '']);
});

test('the command line is there', { timeout: DEADLINE_MS }, async () => {
  expect(readdirSync(join(home, 'node_modules', '.bin'))).toContain('milena');
  const { stdout } = await must('npx', ['milena', 'group', '--help'], { cwd: home, deadlineMs: DEADLINE_MS });
  expect(stdout).toContain('reset-offsets');
});
