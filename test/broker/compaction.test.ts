/** A compacted topic on the real broker: cleaned by workers while clients write, read back as the map, also after a restart. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fetchLog } from '../answers/fetch-log.ts';
import { createTopics } from '../answers/play.ts';
import { produce } from '../answers/produce.ts';
import { offsetProduced, PRODUCE_VERSION } from '../answers/requests.ts';
import { encodeBatch } from '../support/batch.ts';
import { untilCleanedTo } from '../support/cleaned.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';
import { parseRecords } from '../support/parse-records.ts';

const TEST_DEADLINE_MS = 120_000;
const KEYS = 50;
const VALUE_BYTES = 8_000;
const RECORDS = 1_000;

const cleanerConfig = { 'log.cleaner.backoff.ms': '50', 'log.cleaner.threads': '2' };
let milena: Embedded;
beforeAll(async () => {
  milena = await startEmbedded(cleanerConfig);
}, TEST_DEADLINE_MS);
afterAll(() => milena?.broker.stop());

/** One record a batch: what the model says of a key is what was sent last. */
async function fill(topic: string, model: Map<string, string | null>): Promise<void> {
  const client = await milena.connect();
  for (let i = 0; i < RECORDS; i++) {
    const key = `key-${(i * 7) % KEYS}`;
    const value = `${i}-`.padEnd(VALUE_BYTES, 'x');
    model.set(key, value);
    client.send(
      produce(topic, encodeBatch({ baseTimestamp: BigInt(Date.now()), records: [{ key, value }] }), {
        version: PRODUCE_VERSION,
        correlationId: i,
      }),
    );
  }
  for (let i = 0; i < RECORDS; i++) expect(offsetProduced(await client.receive()).errorCode).toBe(0);
  await client.close();
}

async function readBack(topic: string): Promise<{ latest: Map<string, string | null>; records: number }> {
  const latest = new Map<string, string | null>();
  const records = parseRecords(await fetchLog(milena.port, topic, 0));
  for (const { key, value } of records) latest.set(key!, value);
  return { latest, records: records.length };
}

test(
  'the last value of each key stays, most of the others go, and a restart changes nothing',
  async () => {
    const client = await milena.connect();
    const config = { 'cleanup.policy': 'compact', 'segment.bytes': '1048576', 'min.cleanable.dirty.ratio': '0.01' };
    await createTopics(client, [{ name: 'changes', config }]);
    await client.close();
    const model = new Map<string, string | null>();
    await fill('changes', model);
    await untilCleanedTo(milena.dataDir, 'changes-0', 800n);
    const cleaned = await readBack('changes');
    expect(cleaned.latest).toEqual(model);
    expect(cleaned.records).toBeLessThan(RECORDS / 2);

    await milena.broker.stop();
    milena = await startEmbedded(cleanerConfig, milena.dataDir);
    const restarted = await readBack('changes');
    expect(restarted.latest).toEqual(model);

    await fill('changes', model);
    await untilCleanedTo(milena.dataDir, 'changes-0', 1_800n);
    expect((await readBack('changes')).latest).toEqual(model);
  },
  TEST_DEADLINE_MS,
);
