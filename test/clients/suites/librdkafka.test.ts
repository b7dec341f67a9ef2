/**
 * librdkafka's own test tree against our broker, classic protocol. Each named test runs in its quick form and, as the quick form of several is empty, in its whole one;
 * the broker is set up as librdkafka's own cluster is: four partitions by default, and a first rebalance that waits for members.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../support/child.ts';
import { scratchDir } from '../../support/paths.ts';
import { type ClientsBroker, startBroker } from '../support/broker.ts';
import { buildLibrdkafkaTests } from '../support/native-suites.ts';

const DEADLINE_MS = 1_200_000;

/** Number and what it is about. */
const TESTS: Readonly<Record<string, string>> = {
  '0012': 'produce and consume in a group',
  '0018': 'consumers that leave, and one that is terminated',
  '0019': 'list and describe groups',
  '0020': 'destroy of clients with a group',
  '0026': 'pause and resume',
  '0029': 'assign with offsets',
  '0030': 'commits of every kind',
  '0033': 'subscription by regular expression',
  '0045': 'topics that come, change and go',
  '0050': 'subscriptions that grow',
  '0051': 'assignments that grow',
  '0056': 'a balanced group of threads',
  '0061': 'lag',
  '0084': 'destroy without close',
  '0089': 'max.poll.interval.ms',
  '0099': 'metadata of commits',
  '0102': 'static members',
  '0112': 'assignment of an unknown partition',
  '0113': 'cooperative rebalances',
  '0118': 'a commit in a rebalance',
  '0122': 'buffers after a rebalance',
  '0130': 'stored offsets',
  '0132': 'order of strategies',
  '0137': 'batches and barriers',
  '0140': 'metadata of commits, C++',
};

/** Tests of which a part is left out: what the other parts are called. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  '0061': ['without transactions'],
  '0137': ['with_seek', 'pause_and_resume', 'store_offset', 'eof_position'],
};

/** Left out, each for an API not served yet. */
const SKIPPED: Readonly<Record<string, string>> = {
  '0061, with transactions': 'transactions',
  '0137, control messages': 'transactions',
  '0081': 'CreateAcls and DescribeAcls (needs an authorizer; fails on Apache Kafka without one, too)',
  '0098': 'transactions',
  '0103': 'transactions',
  '0129': 'transactions',
};

let broker: ClientsBroker;
let home: string;
let reports: string;
beforeAll(async () => {
  home = await buildLibrdkafkaTests();
  reports = scratchDir('librdkafka');
  const config = {
    'num.partitions': '4',
    'group.initial.rebalance.delay.ms': '1000',
    'auto.create.topics.enable': 'true',
  };
  broker = await startBroker({ config });
  console.log(`left out: ${JSON.stringify(SKIPPED)}`);
});
afterAll(() => broker?.stop());

/** Name to state, of what was not left out, as the runner's own report has it. */
function states(file: string): Record<string, string> {
  const report: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof report !== 'object' || report === null || !('tests' in report)) throw new Error(`${file} is no report`);
  const tests = Object.entries(report.tests as Record<string, { state: string }>);
  return Object.fromEntries(tests.filter(([name]) => name !== '<MAIN>').map(([name, { state }]) => [name, state]));
}

async function runTest(number: string, flags: readonly string[], part?: string): Promise<void> {
  const cwd = join(reports, [number, part, ...flags].join('-'));
  mkdirSync(cwd);
  writeFileSync(join(cwd, 'test.conf'), `bootstrap.servers=${broker.bootstrap}\ntest.topic.prefix=rdk\n`);
  const { CI: _ci, ...env } = process.env;
  const done = await run(join(home, 'test-runner'), ['-L', '-p1', ...flags], {
    cwd,
    deadlineMs: DEADLINE_MS - 10_000,
    env: {
      ...env,
      LD_LIBRARY_PATH: `${join(home, '..', 'src')}:${join(home, '..', 'src-cpp')}`,
      TESTS: number,
      ...(part === undefined ? {} : { SUBTESTS: part }),
      TEST_CONSUMER_GROUP_PROTOCOL: 'classic',
      TEST_KAFKA_VERSION: '4.3.1',
      TEST_REPORT: join(cwd, 'report.json'),
    },
  });
  const said = `${done.stdout.slice(-5000)}\n${done.stderr.slice(-10_000)}`;
  expect(done.code, said).toBe(0);
  const found = Object.values(states(join(cwd, 'report.json')));
  expect(found, said).toContain('PASSED');
  expect(found, said).not.toContain('FAILED');
}

for (const [number, about] of Object.entries(TESTS)) {
  test(`${number}, ${about}: quick`, { timeout: DEADLINE_MS }, () => runTest(number, ['-Q']));
  for (const part of PARTS[number] ?? [undefined]) {
    const what = part ?? 'whole';
    test(`${number}, ${about}: ${what}`, { timeout: DEADLINE_MS }, () => runTest(number, [], part));
  }
}
