/**
 * librdkafka's own test tree against our broker, classic protocol: the tree in its quick form and, as the quick form of several is empty, the tests of groups in their whole one.
 * The broker is set up as librdkafka's own cluster is: four partitions by default, and a first rebalance that waits for members.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { javaCommand, TOOLS } from '../../peers/support/kafka.ts';
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

/** Left out of the tree, each for what is not served yet; the last two are not about a broker. */
const SKIPPED: Readonly<Record<string, string>> = {
  '0061, with transactions': 'transactions',
  '0137, control messages': 'transactions',
  '0077': 'log compaction',
  '0081': 'CreateAcls and DescribeAcls (fails on Apache Kafka without an authorizer, too)',
  '0098': 'transactions',
  '0103': 'transactions',
  '0109': 'ACLs (kafka-acls.sh; needs an authorizer on Apache Kafka, too)',
  '0115': 'ACLs',
  '0119': 'ACLs',
  '0129': 'transactions',
  '0170': 'share groups',
  '0171': 'share groups',
  '0172': 'share groups',
  '0173': 'share groups',
  '0174': 'share groups',
  '0175': 'share groups',
  '0176': 'share groups',
  '0177': 'share groups',
  '0178': 'share groups',
  '0179': 'share groups',
  '0180': 'share groups',
  '0181': 'share groups',
  '0184': 'share groups',
  '0185': 'share groups',
  '0190': 'share groups',
  '0064': 'wants OpenSSL in the build',
};

let broker: ClientsBroker;
let home: string;
let reports: string;
let kafkaPath: string;
beforeAll(async () => {
  home = await buildLibrdkafkaTests();
  reports = scratchDir('librdkafka');
  kafkaPath = await topicsScript(join(reports, 'kafka'));
  const config = {
    'num.partitions': '4',
    'group.initial.rebalance.delay.ms': '1000',
    'auto.create.topics.enable': 'true',
  };
  broker = await startBroker({ config });
  console.log(`left out: ${JSON.stringify(SKIPPED)}`);
});
afterAll(() => broker?.stop());

/** A Kafka folder as the tests expect one: some make their topics with bin/kafka-topics.sh. */
async function topicsScript(folder: string): Promise<string> {
  const { command, args } = await javaCommand(TOOLS.topics, []);
  mkdirSync(join(folder, 'bin'), { recursive: true });
  const quoted = [command, ...args].map(word => `'${word}'`).join(' ');
  writeFileSync(join(folder, 'bin', 'kafka-topics.sh'), `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o755 });
  return folder;
}

/** Name to state, of what was not left out, as the runner's own report has it. */
function states(file: string): Record<string, string> {
  const report: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof report !== 'object' || report === null || !('tests' in report)) throw new Error(`${file} is no report`);
  const tests = Object.entries(report.tests as Record<string, { state: string }>);
  return Object.fromEntries(tests.filter(([name]) => name !== '<MAIN>').map(([name, { state }]) => [name, state]));
}

type Selection = { TESTS?: string; SUBTESTS?: string; TESTS_SKIP?: string };

/** Runs what is selected; whatever the runner does not leave out by itself must pass. */
async function runTests(label: string, flags: readonly string[], selection: Selection): Promise<void> {
  const cwd = join(reports, label);
  mkdirSync(cwd);
  writeFileSync(join(cwd, 'test.conf'), `bootstrap.servers=${broker.bootstrap}\ntest.topic.prefix=rdk\n`);
  const { CI: _ci, ...env } = process.env;
  const done = await run(join(home, 'test-runner'), ['-L', '-p1', ...flags], {
    cwd,
    deadlineMs: DEADLINE_MS - 10_000,
    env: {
      ...env,
      LD_LIBRARY_PATH: `${join(home, '..', 'src')}:${join(home, '..', 'src-cpp')}`,
      ...selection,
      KAFKA_PATH: kafkaPath,
      BROKERS: broker.bootstrap,
      TEST_CONSUMER_GROUP_PROTOCOL: 'classic',
      TEST_KAFKA_VERSION: '4.3.1',
      TEST_REPORT: join(cwd, 'report.json'),
    },
  });
  const said = `${done.stdout.slice(-5000)}\n${done.stderr.slice(-10_000)}`;
  expect(done.code, said).toBe(0);
  const found = Object.entries(states(join(cwd, 'report.json')));
  const passed = found.filter(([, state]) => state === 'PASSED').map(([name]) => name);
  console.log(`${label}: ${passed.length} passed`);
  expect(passed.length, said).toBeGreaterThan(0);
  expect(
    found.filter(([, state]) => state !== 'PASSED' && state !== 'SKIPPED'),
    said,
  ).toEqual([]);
}

const skipped = Object.keys(SKIPPED).filter(name => /^\d{4}$/.test(name));

test('the tree, quick', { timeout: DEADLINE_MS }, () => runTests('tree', ['-Q'], { TESTS_SKIP: skipped.join(',') }));

for (const [number, about] of Object.entries(TESTS)) {
  for (const part of PARTS[number] ?? [undefined]) {
    const selection = part === undefined ? { TESTS: number } : { TESTS: number, SUBTESTS: part };
    const label = [number, part ?? 'whole'].join('-');
    test(`${number}, ${about}: ${part ?? 'whole'}`, { timeout: DEADLINE_MS }, () => runTests(label, [], selection));
  }
}
