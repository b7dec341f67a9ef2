/**
 * kill -9 in the middle of handing cleaned segments over, at file calls all along the way, and in the middle of writing one: the next start finds the same
 * value of every key, no file of the cleaning stays, and cleaning goes on. MILENA_CLEANING_KILLS=all tries every call.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { createTopics } from '../answers/play.ts';
import { activeBase, untilCleanedTo } from '../support/cleaned.ts';
import { startEmbedded } from '../support/embedded.ts';
import { scratchDir } from '../support/paths.ts';
import { type Contents, filesEnding, fill, readBack, until } from './compacted.ts';
import { startFaultyBroker } from './faulty-broker.ts';
import type { FileCall } from './faulty-broker-process.ts';

const TOPIC = 'doomed';
const PARTITION = `${TOPIC}-0`;
const KEYS = 40;
const RECORDS = 400;
const VALUE_BYTES = 8_000;

const cleanerConfig = { 'log.cleaner.backoff.ms': '50' };
const idle = { 'log.cleaner.enable': 'false' };

/** In the order of the hand-over: the recovery point, `.swap` names, their sync, old segments away, final names, their sync. */
const all: FileCall[] = [
  ...Array.from({ length: 13 }, (_, i): FileCall => ({ call: 'rename', nth: i + 1 })),
  ...Array.from({ length: 3 }, (_, i): FileCall => ({ call: 'syncDirectory', nth: i + 1 })),
  ...Array.from({ length: 4 }, (_, i): FileCall => ({ call: 'open', nth: i + 1 })),
];
const few = all.filter(
  ({ call, nth }) => (call === 'rename' && [4, 9].includes(nth)) || (call === 'syncDirectory' && nth === 3),
);
const kills = process.env.MILENA_CLEANING_KILLS === 'all' ? all : few;

const model: Contents = new Map();
const dirtyDir = join(scratchDir('compaction-kill'), 'data');

beforeAll(async () => {
  const milena = await startEmbedded(idle, dirtyDir);
  const client = await milena.connect();
  const config = { 'cleanup.policy': 'compact', 'segment.bytes': '1048576', 'min.cleanable.dirty.ratio': '0.01' };
  await createTopics(client, [{ name: TOPIC, config }]);
  await client.close();
  const records = Array.from({ length: RECORDS }, (_, i): [string, string] => [
    `key-${(i * 7) % KEYS}`,
    `${i}-`.padEnd(VALUE_BYTES, 'x'),
  ]);
  await fill(model, { port: milena.port, topic: TOPIC, records });
  await milena.broker.stop();
});

function dirtyCopy(): string {
  const dataDir = join(scratchDir('compaction-kill'), 'data');
  cpSync(dirtyDir, dataDir, { recursive: true });
  return dataDir;
}

async function expectTheSame(dataDir: string): Promise<void> {
  const milena = await startEmbedded(cleanerConfig, dataDir);
  expect((await readBack(milena.port, TOPIC)).latest).toEqual(model);
  await untilCleanedTo(dataDir, PARTITION, await activeBase(dataDir, PARTITION));
  const cleaned = await readBack(milena.port, TOPIC);
  expect(cleaned.latest).toEqual(model);
  expect(cleaned.records).toBeLessThan(RECORDS);
  expect(await filesEnding(dataDir, PARTITION, '.cleaned', '.swap')).toEqual([]);
  await milena.broker.stop();
}

test.each(kills)('killed at $call number $nth of a hand-over', async killInHandOver => {
  const dataDir = dirtyCopy();
  const broker = await startFaultyBroker(dataDir, { config: cleanerConfig, killInHandOver });
  expect(await broker.ended).toBe('SIGKILL');
  await expectTheSame(dataDir);
});

test('killed while a new segment is written', async () => {
  const dataDir = dirtyCopy();
  const slow = { ...cleanerConfig, 'log.cleaner.io.max.bytes.per.second': '2000000' };
  const broker = await startFaultyBroker(dataDir, { config: slow });
  await until('a new segment begun', async () => (await filesEnding(dataDir, PARTITION, '.cleaned')).length > 0);
  await broker.kill();
  expect(await filesEnding(dataDir, PARTITION, '.cleaned')).not.toEqual([]);
  await expectTheSame(dataDir);
});
