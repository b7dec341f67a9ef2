/**
 * Each subcommand of `milena bench` for a moment, against an embedded broker: what it says it did can be found in the broker. And
 * against what is no broker, or a broken one: an error in words.
 */
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Result } from '../../src/cli/bench/generator.ts';
import { Cluster } from '../../src/client/cluster.ts';
import { latestTimestamp, listOffsets } from '../../src/client/list-offsets.ts';
import { Cli } from '../support/cli.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';

let embedded: Embedded;
let cli: Cli;

beforeAll(async () => {
  embedded = await startEmbedded({ 'milena.write.caching': 'true' });
  cli = new Cli(embedded.broker.bootstrapServers);
});
afterAll(() => embedded.broker.stop());

const brief = ['--seconds', '0.2'];
const bench = (...args: string[]) => cli.json<Result>(['bench', ...args, ...brief]);

async function recordsIn(topic: string, partitions: number): Promise<number> {
  const cluster = await Cluster.connect(embedded.broker.bootstrapServers);
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
  const ends = await listOffsets(cluster, all, latestTimestamp);
  await cluster.close();
  return [...ends].reduce((sum, { value }) => sum + Number(value), 0);
}

test.concurrent('produce acknowledges what the broker has, over several connections', async () => {
  const result = await bench(
    'produce',
    '--topic',
    'made',
    '--partitions',
    '4',
    '--connections',
    '6',
    '--record',
    '100',
  );
  expect(result.errors).toBe(0);
  expect(result.records).toBeGreaterThan(0);
  expect(await recordsIn('made', 4)).toBe(result.records);
  expect(result.curve.at(-1)).toEqual([1, result.latencyMs.max]);
});

test.concurrent.each(['gzip', 'snappy', 'lz4', 'zstd'])('batches compressed with %s are taken', async codec => {
  const topic = `packed-${codec}`;
  const result = await bench('produce', '--topic', topic, '--compression', codec, '--data', 'CHANGELOG.md');
  expect(result.plainBytes).toBeGreaterThan(result.bytes);
  expect(await recordsIn(topic, 1)).toBe(result.records);
});

test.concurrent('a fixed rate is kept', async () => {
  const args = ['--topic', 'paced', '--rate-records', '1000', '--batch-records', '10', '--record', '10'];
  const result = await bench('produce', ...args);
  // 100 batches a second for 0.2 s, the first at once, however late any of them.
  expect(result).toMatchObject({ requests: 20, records: 200 });
});

test.concurrent('fetch reads a topic again and again', async () => {
  await bench('produce', '--topic', 'read', '--rate-records', '100', '--batch-records', '10');
  const there = await recordsIn('read', 1);
  const result = await bench('fetch', '--topic', 'read');
  expect(result.errors).toBe(0);
  expect(result.records).toBeGreaterThanOrEqual(there);
  expect(result.records % there).toBe(0);
});

test.concurrent('latency: every record arrives', async () => {
  const result = await bench('latency', '--topic', 'awaited', '--rate-records', '500', '--record', '64');
  expect(result.errors).toBe(0);
  expect(result.records).toBe(await recordsIn('awaited', 1));
  expect(result.latencyMs.p50).toBeGreaterThan(0);
});

test.concurrent('ping asks for versions, or for topics', async () => {
  const versions = await bench('ping');
  expect(versions.requests).toBeGreaterThan(0);
  const topics = await bench('ping', '--metadata-topics', '5', '--connections', '2');
  expect(topics.errors).toBe(0);
  expect(topics.requests).toBeGreaterThan(0);
});

test.concurrent('connections: a load beside idle ones', async () => {
  const args = ['bench', 'connections', '--topic', 'beside', '--idle', '50', ...brief];
  const { without, beside } = await cli.json<{ without: Result; beside: Result }>(args);
  expect(without.idle).toBeUndefined();
  expect(beside.idle).toMatchObject({ connections: 50, disturbed: 0 });
  expect(await recordsIn('beside', 1)).toBe(without.records + beside.records);
});

test.concurrent('partitions are created and written to', async () => {
  const figures = await cli.json<{ partitions: number }>([
    ...['bench', 'partitions', '--topic', 'many'],
    ...['--topics', '3', '--partitions', '4'],
  ]);
  expect(figures).toMatchObject({ partitions: 12 });
  for (const topic of ['many-0', 'many-1', 'many-2']) expect(await recordsIn(topic, 4)).toBeGreaterThanOrEqual(4);
  const again = await cli.run(['bench', 'partitions', '--topic', 'many', '--topics', '1']);
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('TOPIC_ALREADY_EXISTS') });
});

test.concurrent('groups: members join, live and commit', async () => {
  const groups = (...args: string[]) =>
    cli.json<Record<string, number>>(['bench', 'groups', '--groups', '2', '--members', '3', ...brief, ...args]);
  expect(await groups()).toMatchObject({ failures: 0 });
  expect(await groups('--load', 'heartbeats')).toMatchObject({ failures: 0 });
  const commits = await groups('--load', 'commits');
  expect(commits.errors).toBe(0);
  expect(commits.commitsPerSecond).toBeGreaterThan(0);
});

test('an error of the broker is an error of the command', async () => {
  const args = ['bench', 'produce', '--topic', 'refused', '--batch', '3000000', '--record', '3000000', ...brief];
  const { code, stderr } = await cli.run(args);
  expect(code).toBe(1);
  expect(stderr).toMatch(/errors, the last (MESSAGE|RECORD)_TOO_LARGE/);
});

test('a file that is not there is named', async () => {
  const { code, stderr } = await cli.run(['bench', 'produce', '--topic', 'made', '--data', '/nonexistent', ...brief]);
  expect(code).toBe(1);
  expect(stderr).toContain('/nonexistent');
});

/** Answers whatever comes with the same bytes. */
async function answeringWith(bytes: Uint8Array): Promise<{ server: Server; port: number }> {
  const server = createServer(socket => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write(bytes));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, port: address.port };
}

test.concurrent.each([
  ['a web server', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['an answer cut short', Buffer.from([0, 0, 0, 6, 0, 0, 0, 0, 0, 0])],
  ['an endless array', Buffer.from([0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 127, 255, 255, 255])],
])('%s is no broker: an error in words', async (_, bytes) => {
  const { server, port } = await answeringWith(bytes);
  const other = new Cli(`127.0.0.1:${port}`);
  for (const command of [['produce'], ['ping'], ['groups']]) {
    const { code, stderr } = await other.run(['bench', ...command, ...brief]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^milena: .*(is this a Kafka broker|not what the protocol says|is no answer)/);
    expect(stderr).not.toContain('    at ');
  }
  server.close();
});
