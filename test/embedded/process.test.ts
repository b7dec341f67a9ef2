/** The broker in a process of its own: what keeps the process alive, how it ends, what it prints. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Child, run } from '../support/child.ts';
import { REPO_ROOT } from '../support/paths.ts';
import { freePorts } from '../support/peer.ts';
import { untilAnswering } from '../support/until-answering.ts';
import { freshDir } from './support.ts';

const deadlineMs = 60_000;
const bin = join(REPO_ROOT, 'dist', 'cli', 'bin.js');

/** Runs a module that imports the package by its name, as its users do. */
const script = (body: string) =>
  run(process.execPath, ['--input-type=module', '-e', `import { Broker } from 'milena'; ${body}`], {
    cwd: REPO_ROOT,
    deadlineMs,
  });

test('after stop nothing is left and the process ends by itself', { timeout: deadlineMs }, async () => {
  const done = await script(`
    const broker = await Broker.start({ port: 0, dataDir: ${JSON.stringify(freshDir())}, config: { 'num.partitions': '4' } });
    await broker.stop();
    process.stdout.write('stopped ' + process.getActiveResourcesInfo().filter(name => name !== 'PipeWrap').length);
  `);
  expect([done.code, done.signal, done.stdout, done.stderr]).toEqual([0, null, 'stopped 0', '']);
});

test('unref lets the process end although the broker runs', { timeout: deadlineMs }, async () => {
  const done = await script(`(await Broker.start({ dataDir: ${JSON.stringify(freshDir())} })).unref();`);
  expect([done.code, done.signal, done.stderr]).toEqual([0, null, '']);
});

test('a running broker keeps the process alive', { timeout: deadlineMs }, async () => {
  const child = new Child(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { Broker } from 'milena';
       const broker = await Broker.start({ dataDir: ${JSON.stringify(freshDir())} });
       process.stdout.write('port=' + broker.bootstrapServers.split(':')[1] + ';');`,
    ],
    { cwd: REPO_ROOT },
  );
  await child.untilOutput(/port=\d+;/, deadlineMs);
  await untilAnswering(Number(/port=(\d+);/.exec(child.output)![1]), deadlineMs);
  expect(child.hasExited).toBe(false);
  await child.end('SIGKILL', deadlineMs);
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s stops `milena start` cleanly', { timeout: deadlineMs }, async signal => {
  const [port] = await freePorts(1);
  const dataDir = freshDir();
  const child = new Child(process.execPath, [
    bin,
    'start',
    '--override',
    `listeners=PLAINTEXT://127.0.0.1:${port}`,
    '--override',
    `log.dirs=${dataDir}`,
  ]);
  await child.untilOutput(/is ready/, deadlineMs);
  await untilAnswering(port!, deadlineMs);
  expect(await child.end(signal, deadlineMs)).toBe(true);
  expect(await child.exited).toEqual({ code: 0, signal: null });
  const lines = child.output.trim().split('\n');
  expect(lines.map(line => (JSON.parse(line) as { level: number }).level)).toEqual(lines.map(() => 30));
  expect(child.output).toContain(`PLAINTEXT://127.0.0.1:${port}`);
  expect(existsSync(join(dataDir, '.kafka_cleanshutdown'))).toBe(true);
});

test.each([
  [['start', '--override', 'num.partitons=3'], /^milena: .*num\.partitons.*num\.partitions\?\n$/],
  [['start', '/no/such/file'], /^milena: cannot read \/no\/such\/file: there is no such file\n$/],
  [['start', '--override', 'nonsense'], /^error: .*key=value/],
  [['begin'], /unknown command 'begin'/],
])('`milena %j` ends with 1 and one line', { timeout: deadlineMs }, async (args, words) => {
  const done = await run(process.execPath, [bin, ...args], { deadlineMs });
  expect([done.code, done.stdout]).toEqual([1, '']);
  expect(done.stderr).toMatch(words);
  expect(done.stderr).not.toMatch(/\n\s+at /);
});

test('`milena format` formats once', { timeout: deadlineMs }, async () => {
  const dataDir = freshDir();
  const args = [bin, 'format', '--override', `log.dirs=${dataDir}`, '--format', 'json'];
  const first = await run(process.execPath, args, { deadlineMs });
  expect([first.code, first.stderr]).toEqual([0, '']);
  expect((JSON.parse(first.stdout) as { formatted: string[] }).formatted).toEqual([dataDir]);
  const second = await run(process.execPath, args, { deadlineMs });
  expect([second.code, second.stdout]).toEqual([1, '']);
  expect(second.stderr).toBe(`milena: ${dataDir} is already formatted\n`);
});
