/** A broker that is stopped in the middle of a long cleaning: the pass is cancelled, its worker ends, nothing is lost. */
import type { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { createTopics } from '../answers/play.ts';
import { cleanEnd, untilCleanedTo } from '../support/cleaned.ts';
import { startEmbedded } from '../support/embedded.ts';
import { type Contents, filesEnding, fill, readBack, until } from './compacted.ts';

const TOPIC = 'slow';
const PARTITION = `${TOPIC}-0`;
const KEYS = 1_000;
const CHANGED = 200;
const VALUE_BYTES = 8_000;
/** Of 10 MB: what is cleaned at this rate is at it for most of a minute. */
const SLOW_BYTES_PER_SECOND = '400000';

const cleanerConfig = { 'log.cleaner.backoff.ms': '50' };
const valueFor = (i: number, round: string) => `${round}-${i}-`.padEnd(VALUE_BYTES, 'x');

/** Worker threads of this process that have not ended. */
function watchWorkers(): Set<Worker> {
  const alive = new Set<Worker>();
  process.on('worker', worker => {
    alive.add(worker);
    worker.once('exit', () => alive.delete(worker));
  });
  return alive;
}

test('stop cancels a cleaning and waits for its worker', async () => {
  const workers = watchWorkers();
  const model: Contents = new Map();
  let milena = await startEmbedded(cleanerConfig);
  const { dataDir } = milena;
  const client = await milena.connect();
  const config = { 'cleanup.policy': 'compact', 'segment.bytes': '1048576', 'min.cleanable.dirty.ratio': '0.01' };
  await createTopics(client, [{ name: TOPIC, config }]);
  await client.close();
  // Clean first, so that little has to be read, slowly, before the writing begins.
  const all = Array.from({ length: KEYS }, (_, i): [string, string] => [`key-${i}`, valueFor(i, 'first')]);
  await fill(model, { port: milena.port, topic: TOPIC, records: all });
  await untilCleanedTo(dataDir, PARTITION, BigInt(KEYS * 0.8));
  await milena.broker.stop();
  expect(workers.size).toBe(0);

  milena = await startEmbedded(
    { ...cleanerConfig, 'log.cleaner.io.max.bytes.per.second': SLOW_BYTES_PER_SECOND },
    dataDir,
  );
  const changed = all.slice(0, CHANGED).map(([key], i): [string, string] => [key, valueFor(i, 'second')]);
  await fill(model, { port: milena.port, topic: TOPIC, records: changed });
  await until('a new segment begun', async () => (await filesEnding(dataDir, PARTITION, '.cleaned')).length > 0);
  const cleanBefore = await cleanEnd(dataDir, PARTITION);
  expect(workers.size).toBe(1);

  const began = performance.now();
  await milena.broker.stop();
  console.log(`stopped in ${Math.round(performance.now() - began)} ms`);
  expect(workers.size).toBe(0);
  // The worker ended by being cancelled, which removes what it had begun; had it been terminated, the file would be there.
  expect(await filesEnding(dataDir, PARTITION, '.cleaned', '.swap')).toEqual([]);
  expect(await cleanEnd(dataDir, PARTITION)).toBe(cleanBefore);

  milena = await startEmbedded(cleanerConfig, dataDir);
  await untilCleanedTo(dataDir, PARTITION, cleanBefore + 1n);
  expect((await readBack(milena.port, TOPIC)).latest).toEqual(model);
  await milena.broker.stop();
  expect(workers.size).toBe(0);
});
