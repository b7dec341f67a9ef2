/** Apache Kafka's cleaner and ours on copies of one directory: the same records stay. Then Kafka goes on cleaning what we have cleaned. */
import { createHash } from 'node:crypto';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fetchLog } from '../answers/fetch-log.ts';
import { createTopics } from '../answers/play.ts';
import { produce } from '../answers/produce.ts';
import { newProducerId, offsetProduced, PRODUCE_VERSION } from '../answers/requests.ts';
import { encodeBatch, type RecordSpec } from '../support/batch.ts';
import { untilCleanedTo } from '../support/cleaned.ts';
import { CODECS } from '../support/codecs.ts';
import { type ParsedRecord, parseRecords } from '../support/parse-records.ts';
import { scratchDir } from '../support/paths.ts';
import type { ProcessPeer } from '../support/peer.ts';
import { RawClient } from '../support/raw-client.ts';
import { startKafka } from './support/kafka.ts';
import { startMilena } from './support/milena.ts';

const TOPIC = 'changes';
const BATCHES = 300;
const KEYS = 40;
const VALUE_BYTES = 4_000;
/** Rolled segments end somewhere above this offset. */
const CLEAN_FROM = 600n;
const topicConfig = {
  'cleanup.policy': 'compact',
  'segment.bytes': '1048576',
  'min.cleanable.dirty.ratio': '0.01',
  'delete.retention.ms': '86400000',
};
const cleaning = { 'log.cleaner.backoff.ms': '100' };

/** Text that no codec makes small. */
function longText(seed: string): string {
  let text = seed;
  while (text.length < VALUE_BYTES) text += createHash('sha512').update(text).digest('base64');
  return text;
}

/** Three records a batch, every codec, tombstones, every other batch of an idempotent producer. */
async function write(peer: ProcessPeer, producerId: bigint, round: number): Promise<void> {
  const client = await RawClient.open(peer.port);
  for (let i = 0; i < BATCHES; i++) {
    const records: RecordSpec[] = [0, 1, 2].map(j => ({
      key: `key-${(i * 5 + j * 7) % KEYS}`,
      value: (i + j) % 9 === 0 ? null : longText(`${round}-${i}-${j}-`),
      timestampDelta: j,
    }));
    const sequence =
      i % 2 === 0 ? { producerId, producerEpoch: 0, baseSequence: ((round * BATCHES + i) / 2) * records.length } : {};
    const spec = { codec: CODECS[i % CODECS.length]!, baseTimestamp: 1_790_000_000_000n, records, ...sequence };
    const frame = produce(TOPIC, encodeBatch(spec), { version: PRODUCE_VERSION });
    expect(offsetProduced(await client.call(frame)).errorCode).toBe(0);
  }
  await client.close();
}

const recordsOf = async (peer: ProcessPeer): Promise<ParsedRecord[]> =>
  parseRecords(await fetchLog(peer.port, TOPIC, 0));

test('the same records stay, and Kafka cleans on', async () => {
  const written = join(scratchDir('compaction'), 'written');
  const first = await startMilena({ dataDir: written, config: { 'log.cleaner.enable': 'false' } });
  const client = await RawClient.open(first.port);
  await createTopics(client, [{ name: TOPIC, config: topicConfig }]);
  const producerId = await newProducerId(client);
  await client.close();
  await write(first, producerId, 0);
  const all = await recordsOf(first);
  await first.stop();
  const ours = join(scratchDir('compaction'), 'ours');
  const theirs = join(scratchDir('compaction'), 'theirs');
  await cp(written, ours, { recursive: true });
  await cp(written, theirs, { recursive: true });

  const milena = await startMilena({ dataDir: ours, config: cleaning });
  const cleanEnd = await untilCleanedTo(ours, `${TOPIC}-0`, CLEAN_FROM);
  const kept = await recordsOf(milena);
  await milena.stop();
  expect(kept.length).toBeLessThan(all.length / 2);

  const other = await startKafka({ dataDir: theirs, config: cleaning });
  try {
    expect(await untilCleanedTo(theirs, `${TOPIC}-0`, CLEAN_FROM)).toBe(cleanEnd);
    expect(await recordsOf(other)).toEqual(kept);
    await other.stop();
  } finally {
    await other.kill();
  }

  const successor = await startKafka({ dataDir: ours, config: cleaning });
  try {
    expect(await recordsOf(successor)).toEqual(kept);
    await write(successor, producerId, 1);
    await untilCleanedTo(ours, `${TOPIC}-0`, cleanEnd + CLEAN_FROM);
    const after = await recordsOf(successor);
    expect(after.length).toBeLessThan(kept.length + all.length / 2);
    await successor.stop();
  } finally {
    await successor.kill();
  }
});
