/**
 * The same produce requests over one connection to Apache Kafka and to Milena: the answers are the same bytes, and so are the files before any restart.
 * Legitimately different is only the topic id. MILENA_SAME_BYTES_REQUESTS says how many (default 20,000, about 2 GB).
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTopics } from '../answers/play.ts';
import type { ProcessPeer } from '../support/peer.ts';
import { runSeed } from '../support/random.ts';
import { RawClient } from '../support/raw-client.ts';
import { mustKafkaTool, startKafka, TOOLS } from './support/kafka.ts';
import { startMilena } from './support/milena.ts';
import { partitionFiles } from './support/partition-files.ts';
import { SAME_TOPICS, SameRequests } from './support/same-requests.ts';

const REQUESTS = Number(process.env.MILENA_SAME_BYTES_REQUESTS ?? 20_000);
const IN_FLIGHT = 5;
/** The stream's stamps advance 40 ms a request and end before now. */
const HISTORY_MS = 60_000 + REQUESTS * 40 + 10_000;

let kafka: ProcessPeer;
let milena: ProcessPeer;

beforeAll(async () => {
  // MILENA_SAME_BYTES_AGAINST=kafka compares two Kafkas: the test itself, tested.
  const other = process.env.MILENA_SAME_BYTES_AGAINST === 'kafka' ? startKafka : startMilena;
  [kafka, milena] = await Promise.all([startKafka(), other({})]);
});
afterAll(async () => {
  await Promise.all([kafka?.stop(), milena?.stop()]);
});

async function sendAll(clients: readonly [RawClient, RawClient], requests: SameRequests): Promise<number> {
  let bytes = 0;
  let waiting = 0;
  const compare = async (): Promise<void> => {
    const [theirs, ours] = await Promise.all(clients.map(client => client.receive()));
    if (!theirs!.equals(ours!)) expect(ours!.toString('hex')).toBe(theirs!.toString('hex'));
    waiting--;
  };
  for (let i = 0; i < REQUESTS; i++) {
    const frame = requests.next();
    bytes += frame.length;
    await Promise.all(clients.map(client => client.sendFlushed(frame)));
    if (++waiting === IN_FLIGHT) await compare();
  }
  while (waiting > 0) await compare();
  return bytes;
}

test(`${REQUESTS} produce requests: the same answers`, async () => {
  const requests = new SameRequests(runSeed('same bytes'), BigInt(Date.now() - HISTORY_MS));
  const clients: [RawClient, RawClient] = [await RawClient.open(kafka.port), await RawClient.open(milena.port)];
  for (const client of clients) await createTopics(client, SAME_TOPICS);
  const bytes = await sendAll(clients, requests);
  console.log(`${REQUESTS} requests, ${(bytes / 1e6).toFixed(0)} MB`);
  await Promise.all(clients.map(client => client.close()));
});

const partitions = SAME_TOPICS.flatMap(topic =>
  Array.from({ length: topic.partitions }, (_, partition) => `${topic.name}-${partition}`),
);

test.each(partitions)('%s: the same files', partition => {
  expect(partitionFiles(milena.dataDir, partition)).toEqual(partitionFiles(kafka.dataDir, partition));
});

test.each(partitions)("%s: Kafka's DumpLogSegments reads our files without complaint", async partition => {
  const dir = join(milena.dataDir, partition);
  const files = readdirSync(dir).filter(name => /\.(log|index|timeindex|snapshot)$/.test(name));
  const args = ['--deep-iteration', '--verify-index-only', '--files', files.map(name => join(dir, name)).join(',')];
  const { stdout, stderr } = await mustKafkaTool(TOOLS.dumpLogSegments, args);
  const said = `${stdout}\n${stderr}`.split('\n');
  expect(
    said.filter(
      line => /mismatch|corrupt|found|exception|invalid|out of order/i.test(line) && !/isvalid: true/.test(line),
    ),
  ).toEqual([]);
  expect(said.filter(line => line.startsWith('Dumping '))).toHaveLength(files.length);
});
