import { Command } from 'commander';
import { expect, test } from 'vitest';
import { progress, type Result, resultTable } from '../../../src/cli/bench/generator.ts';
import { argumentsOf } from '../../../src/cli/bench/options.ts';
import { registerBench } from '../../../src/cli/bench.ts';

const latencyMs = { p50: 0.1, p90: 0.2, p99: 1.5, p999: 3, max: 4.2 };
const result: Result = {
  bytes: 25e6,
  plainBytes: 100e6,
  records: 1000,
  requests: 10,
  errors: 0,
  lastError: 0,
  seconds: 2,
  bytesPerSecond: 12.5e6,
  plainBytesPerSecond: 50e6,
  recordsPerSecond: 500.4,
  requestsPerSecond: 5,
  clientCpuSeconds: 0.02,
  latencyMs,
  curve: [[1, 4.2]],
};

/** What a command understood, instead of running it. */
async function understood(...args: string[]): Promise<Record<string, unknown>> {
  const program = new Command('milena').exitOverride().configureOutput({ writeErr: () => undefined });
  registerBench(program);
  let found: Record<string, unknown> | undefined;
  const bench = program.commands[0]!;
  for (const command of bench.commands) {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
    command.action(options => {
      found = options;
    });
  }
  await program.parseAsync(['node', 'milena', 'bench', ...args]);
  return found!;
}

test('what is given becomes arguments of the generator, in its units', () => {
  const given = { topic: 't', rate: 50, inFlight: 32, batchRecords: 50, compression: 'lz4', acks: '-1' };
  const args = ['--topic', 't', '--batch-records', '50', '--compression', 'lz4', '--acks', '-1', '--in-flight', '32'];
  expect(argumentsOf(given)).toEqual([...args, '--rate-bytes', '50000000']);
  expect(argumentsOf({})).toEqual([]);
});

test('commands have defaults of their own', async () => {
  expect(await understood('produce')).toMatchObject({ record: 1024, batch: 65_536, inFlight: 5, seconds: 5 });
  expect(await understood('connections')).toMatchObject({ record: 100, batch: 100, inFlight: 32, idle: 1000 });
  expect(await understood('latency', '--rate-records', '200')).toMatchObject({ rateRecords: 200 });
  expect(await understood('ping', '--metadata-topics', '100')).toMatchObject({ metadataTopics: 100 });
  expect(await understood('partitions', '--delete')).toMatchObject({ partitions: 1000, delete: true });
  expect(await understood('groups')).toMatchObject({ load: 'rebalance', members: 20 });
});

test.each([
  ['produce', '--seconds', '0'],
  ['produce', '--seconds', ''],
  ['produce', '--rate', '-1'],
  ['produce', '--compression', 'lzo'],
  ['produce', '--in-flight', '0'],
  ['fetch', '--fetch-bytes', '1k'],
  ['connections', '--idle', '-5'],
  ['groups', '--load', 'all'],
  ['nothing'],
])('milena bench %s %s %s is refused', async (...args) => {
  await expect(understood(...args)).rejects.toThrow(/commander|error|unknown|invalid/);
});

test('MB/s are those before compression, and several results are named', () => {
  const [header, row] = resultTable([['', result]]).split('\n');
  expect(header).toMatch(/^MB\/S +RECORDS\/S +REQUESTS\/S +P50 MS/);
  expect(row!.split(/ +/)).toEqual(['50.0', '500', '5', '0.1', '1.5', '3', '4.2', '0.02']);
  const named = resultTable([
    ['alone', result],
    ['beside', result],
  ]).split('\n');
  expect(named.map(line => line.split(/ {2,}/)[0])).toEqual(['', 'alone', 'beside']);
});

test('the progress line fills up and never beyond its end', () => {
  const second = { bytes: 2e6, records: 5, requests: 7 };
  expect(progress(1, 2, { second })).toBe(
    `[${'#'.repeat(15)}${'.'.repeat(15)}] 1/2 s  2.0 MB/s  5 records/s  7 requests/s   `,
  );
  expect(progress(9, 2, { second })).toContain(`[${'#'.repeat(30)}]`);
});
