/** A compacted topic on the real broker: cleaned by workers while clients write, read back as the map, also after a restart. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTopics } from '../answers/play.ts';
import { untilCleanedTo } from '../support/cleaned.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';
import { type Contents, fill, readBack } from './compacted.ts';

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

const round = (): [string, string][] =>
  Array.from({ length: RECORDS }, (_, i) => [`key-${(i * 7) % KEYS}`, `${i}-`.padEnd(VALUE_BYTES, 'x')]);

test(
  'the last value of each key stays, most of the others go, and a restart changes nothing',
  async () => {
    const client = await milena.connect();
    const config = { 'cleanup.policy': 'compact', 'segment.bytes': '1048576', 'min.cleanable.dirty.ratio': '0.01' };
    await createTopics(client, [{ name: 'changes', config }]);
    await client.close();
    const model: Contents = new Map();
    await fill(model, { port: milena.port, topic: 'changes', records: round() });
    await untilCleanedTo(milena.dataDir, 'changes-0', 800n);
    const cleaned = await readBack(milena.port, 'changes');
    expect(cleaned.latest).toEqual(model);
    expect(cleaned.records).toBeLessThan(RECORDS / 2);

    await milena.broker.stop();
    milena = await startEmbedded(cleanerConfig, milena.dataDir);
    const restarted = await readBack(milena.port, 'changes');
    expect(restarted.latest).toEqual(model);

    await fill(model, { port: milena.port, topic: 'changes', records: round() });
    await untilCleanedTo(milena.dataDir, 'changes-0', 1_800n);
    expect((await readBack(milena.port, 'changes')).latest).toEqual(model);
  },
  TEST_DEADLINE_MS,
);
