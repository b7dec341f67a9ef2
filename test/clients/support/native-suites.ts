/** Test suites of other people's clients, built from what the registries ship, outside of the checkout. */
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { must } from '../../support/child.ts';
import { CACHE_DIR } from '../../support/paths.ts';

const BUILD_DEADLINE_MS = 900_000;

const FRANZ_GO = 'github.com/twmb/franz-go@v1.22.2';
const KAFKA_JAVASCRIPT = '@confluentinc/kafka-javascript@1.10.1';

/** franz-go's own tests of pkg/kgo as one program, from the module as the Go proxy serves it, and the folder it expects to run in. */
export async function buildKgoTests(): Promise<{ program: string; cwd: string }> {
  const program = join(CACHE_DIR, `kgo-${FRANZ_GO.slice(FRANZ_GO.indexOf('@') + 1)}.test`);
  mkdirSync(CACHE_DIR, { recursive: true });
  const options = { cwd: CACHE_DIR, deadlineMs: BUILD_DEADLINE_MS };
  const { stdout } = await must('go', ['mod', 'download', '-json', FRANZ_GO], options);
  const module: unknown = JSON.parse(stdout);
  if (typeof module !== 'object' || module === null || !('Dir' in module) || typeof module.Dir !== 'string') {
    throw new Error(`go mod download said: ${stdout}`);
  }
  if (!existsSync(program)) {
    const partial = `${program}.${process.pid}`;
    await must('go', ['test', '-c', '-o', partial, './pkg/kgo'], { ...options, cwd: module.Dir });
    renameSync(partial, program);
  }
  return { program, cwd: join(module.Dir, 'pkg', 'kgo') };
}

/** librdkafka's test tree, which the npm tarball of @confluentinc/kafka-javascript carries, built; returns the folder of its test-runner. */
export async function buildLibrdkafkaTests(): Promise<string> {
  const version = KAFKA_JAVASCRIPT.slice(KAFKA_JAVASCRIPT.lastIndexOf('@') + 1);
  const home = join(CACHE_DIR, `librdkafka-tests-${version}`);
  const tests = join(home, 'tests');
  if (existsSync(join(tests, 'test-runner'))) return tests;
  const work = `${home}.${process.pid}`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const options = { cwd: work, deadlineMs: BUILD_DEADLINE_MS };
  await must('npm', ['pack', '--ignore-scripts', '--silent', KAFKA_JAVASCRIPT], options);
  const tarball = readdirSync(work).find(name => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error(`npm pack left no tarball of ${KAFKA_JAVASCRIPT} in ${work}`);
  await must('tar', ['xzf', tarball], options);
  cpSync(join(work, 'package', 'deps', 'librdkafka'), join(work, 'librdkafka'), { recursive: true });
  const build = { cwd: join(work, 'librdkafka'), deadlineMs: BUILD_DEADLINE_MS };
  const jobs = `-j${Math.max(1, Math.floor(cpus().length / 2))}`;
  await must('./configure', ['--disable-ssl', '--disable-gssapi', '--disable-curl', '--disable-zstd'], build);
  await must('make', [jobs, 'libs'], build);
  await must('make', [jobs, '-C', 'tests', 'build'], build);
  rmSync(home, { recursive: true, force: true });
  renameSync(join(work, 'librdkafka'), home);
  rmSync(work, { recursive: true, force: true });
  return tests;
}
