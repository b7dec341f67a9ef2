/** franz-go's own tests of pkg/kgo against our broker: groups of every balancer, static members, regular expressions, pauses, and whatever else of it talks to a broker. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../support/child.ts';
import { type ClientsBroker, startBroker } from '../support/broker.ts';
import { buildKgoTests } from '../support/native-suites.ts';

const RECORDS = process.env.MILENA_KGO_RECORDS ?? '50000';
const DEADLINE_MS = 1_500_000;

/** What is left out, each for an API that is not served yet. */
const SKIPPED: Readonly<Record<string, string>> = {
  TestTxnEtl: 'transactions',
  Test848RegexBrokerResolves: 'ConsumerGroupHeartbeat (KIP-848)',
  TestShareGroup: 'share groups',
  TestShareGroupETL: 'share groups',
  TestShareGroupAckOnClose: 'share groups',
  TestShareGroupOffsetsAdmin: 'share groups',
  TestConsumeRegexShareSkipsInternal: 'share groups',
  TestSCRAMAuth: 'SASL',
  TestSCRAMAuthBadCredentials: 'SASL',
  TestIssueProduceBrokerTooOldFailsRecords: 'for brokers without headers, which it looks for itself',
};
/** kgo decides by ApiVersions whether these parts of a test run. */
const SKIPPED_PART = /848/;

let broker: ClientsBroker;
let kgo: { program: string; cwd: string };
beforeAll(async () => {
  kgo = await buildKgoTests();
  broker = await startBroker({ config: { 'group.initial.rebalance.delay.ms': '0' } });
});
afterAll(() => broker?.stop());

type Outcome = { name: string; result: string };

const outcomes = (output: string): Outcome[] =>
  [...output.matchAll(/^ *--- (PASS|FAIL|SKIP): (\S+)/gm)].map(([, result = '', name = '']) => ({ name, result }));

test('pkg/kgo, with its group tests', { timeout: DEADLINE_MS }, async () => {
  const env = {
    ...process.env,
    KGO_SEEDS: broker.bootstrap,
    KGO_TEST_RF: '1',
    KGO_TEST_RECORDS: RECORDS,
    KGO_LOG_LEVEL: 'none',
  };
  const listed = await run(kgo.program, ['-test.list', '.'], { env, cwd: kgo.cwd });
  for (const name of Object.keys(SKIPPED)) expect(listed.stdout.split('\n')).toContain(name);
  const skip = `^(${Object.keys(SKIPPED).join('|')})$`;
  const args = ['-test.v', `-test.timeout=${DEADLINE_MS - 60_000}ms`, `-test.skip=${skip}`];
  const done = await run(kgo.program, args, { env, cwd: kgo.cwd, deadlineMs: DEADLINE_MS - 30_000 });
  const all = outcomes(done.stdout);
  const passed = all.filter(one => one.result === 'PASS').map(one => one.name);
  const failed = all.filter(one => one.result === 'FAIL').map(one => one.name);
  console.log(`${passed.length} passed; left out: ${JSON.stringify(SKIPPED)}`);
  expect(failed, done.stdout.slice(-20_000)).toEqual([]);
  expect(all.filter(one => one.result === 'SKIP' && !SKIPPED_PART.test(one.name))).toEqual([]);
  expect(passed).toEqual(
    expect.arrayContaining(['TestGroupETL', 'TestGroupETL/cooperative-sticky/static', 'TestGroupSimple']),
  );
  expect(done.code, done.stderr.slice(-20_000)).toBe(0);
});
