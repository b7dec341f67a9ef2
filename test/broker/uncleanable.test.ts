/** A damaged segment of a compacted log: the partition is named in the log and counted in the metrics, and the others are cleaned on. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Broker } from '../../src/index.ts';
import { createTopics } from '../answers/play.ts';
import { produce } from '../answers/produce.ts';
import { offsetProduced, PRODUCE_VERSION } from '../answers/requests.ts';
import { encodeBatch } from '../support/batch.ts';
import { cleanEnd, untilCleaned } from '../support/cleaned.ts';
import { scratchDir } from '../support/paths.ts';
import { RawClient } from '../support/raw-client.ts';

const TEST_DEADLINE_MS = 120_000;
const BETWEEN_LOOKS_MS = 20;
const RECORDS = 400;
const KEYS = 20;
const VALUE_BYTES = 8_000;
/** In a value of the first batch. */
const DAMAGED_BYTE = 4_000;
const topicConfig = { 'cleanup.policy': 'compact', 'segment.bytes': '1048576', 'min.cleanable.dirty.ratio': '0.01' };

const dataDir = join(scratchDir('uncleanable'), 'data');
const said: string[] = [];
const note = (message: string) => void said.push(message);
let broker: Broker;
afterAll(() => broker?.stop());

async function start(config: Record<string, string>): Promise<void> {
  broker = await Broker.start({ dataDir, config, log: { info: note, warn: note, error: note } });
}

const connect = () => RawClient.open(Number(broker.bootstrapServers.split(':').at(-1)));

async function fill(topic: string): Promise<void> {
  const client = await connect();
  for (let i = 0; i < RECORDS; i++) {
    const records = [{ key: `key-${i % KEYS}`, value: `${i}-`.padEnd(VALUE_BYTES, 'x') }];
    const batch = encodeBatch({ baseTimestamp: BigInt(Date.now()), records });
    const frame = produce(topic, batch, { version: PRODUCE_VERSION });
    expect(offsetProduced(await client.call(frame)).errorCode).toBe(0);
  }
  await client.close();
}

const metric = (name: string) => broker.metrics().find(one => one.name.endsWith(`,name=${name}`));

test(
  'a damaged partition is named, counted and left as it is; the others are cleaned on',
  async () => {
    await start({ 'log.cleaner.enable': 'false' });
    const client = await connect();
    await createTopics(client, [
      { name: 'damaged', config: topicConfig },
      { name: 'healthy', config: topicConfig },
    ]);
    await client.close();
    for (const topic of ['damaged', 'healthy']) await fill(topic);
    await broker.stop();
    const folder = join(dataDir, 'damaged-0');
    const [first = ''] = readdirSync(folder)
      .filter(name => name.endsWith('.log'))
      .sort();
    const bytes = readFileSync(join(folder, first));
    bytes[DAMAGED_BYTE]! ^= 1;
    writeFileSync(join(folder, first), bytes);

    await start({ 'log.cleaner.backoff.ms': '20' });
    expect(metric('uncleanable-partitions-count')).toMatchObject({ type: 'gauge', tags: { logDirectory: dataDir } });
    while (metric('uncleanable-partitions-count')?.value !== 1) {
      await new Promise(resolve => setTimeout(resolve, BETWEEN_LOOKS_MS));
    }
    await untilCleaned(dataDir, ['healthy-0']);
    const once = await cleanEnd(dataDir, 'healthy-0');
    await fill('healthy');
    await untilCleaned(dataDir, ['healthy-0']);
    expect(await cleanEnd(dataDir, 'healthy-0')).toBeGreaterThan(once);

    expect(said.filter(message => message.includes('damaged-0'))).toEqual([
      expect.stringMatching(/^partition damaged-0 is damaged and is not cleaned any more: .*00000000\.log/),
    ]);
    expect(metric('uncleanable-partitions-count')?.value).toBe(1);
    expect(metric('uncleanable-bytes')?.value).toBeGreaterThan(1_000_000);
    expect(metric('max-dirty-percent')?.value).toBeLessThan(100);
    expect(metric('cleaner-recopy-percent')?.value).toBeLessThan(50);
    expect(metric('DeadThreadCount')?.value).toBe(0);
    expect(readFileSync(join(folder, first)).equals(bytes)).toBe(true);
    expect(await cleanEnd(dataDir, 'damaged-0')).toBe(-1n);
  },
  TEST_DEADLINE_MS,
);
