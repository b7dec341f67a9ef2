/**
 * The log that is cleaned: the event stream (test/support/events.ts), one event a file changed in a commit, keyed by the file.
 * It comes again and again under other keys, so that the share of old values is that of the real stream: nine in ten. The same
 * records lie in one topic a codec; `load-N` have some partitions each, for a cleaner that is at work while others produce.
 * No topic is due as it is written: min.cleanable.dirty.ratio is 1.
 */
import { basename, join } from 'node:path';
import { batchHeaderBytes, encodeBatch } from '../../src/protocol/records/batch.ts';
import { createTopics } from '../../test/answers/play.ts';
import { produce } from '../../test/answers/produce.ts';
import { offsetProduced, PRODUCE_VERSION } from '../../test/answers/requests.ts';
import { startMilena } from '../../test/peers/support/milena.ts';
import { encodeBatch as sealedBatch } from '../../test/support/batch.ts';
import { type Codec, compress } from '../../test/support/codecs.ts';
import { loadEvents } from '../../test/support/events.ts';
import { RawClient } from '../../test/support/raw-client.ts';

/** About 16 KB uncompressed, a producer's default batch. */
const recordsPerBatch = 80;
const inFlight = 20;
const began = 1_790_000_000_000n;
const segmentBytes = 4 << 20;

export const measuredCodecs = ['none', 'lz4', 'zstd'] as const satisfies readonly Codec[];
/** Cleaned first, for a virtual machine to warm up. */
export const warmUpTopic = 'warm-up';
export const loadTopic = (number: number): string => `load-${number}`;
const loadCodec: Codec = 'zstd';

export interface DataSize {
  /** How often the stream comes in each of the topics that are measured. */
  readonly repeats: number;
  readonly loadTopics: number;
  readonly loadPartitions: number;
}

export interface Written {
  readonly folder: string;
  readonly source: string;
  readonly records: number;
  readonly uncompressedBytes: number;
}

interface Target {
  readonly client: RawClient;
  readonly topic: string;
  readonly partition: number;
  readonly codec: Codec;
  waiting: number;
}

async function send(target: Target, batch: Uint8Array): Promise<void> {
  const { topic, partition } = target;
  if (target.waiting === inFlight) await acknowledged(target);
  await target.client.sendFlushed(produce(topic, batch, { version: PRODUCE_VERSION, partition }));
  target.waiting++;
}

async function acknowledged(target: Target): Promise<void> {
  const { errorCode } = offsetProduced(await target.client.receive());
  if (errorCode !== 0) throw new Error(`produce to ${target.topic} was refused with ${errorCode}`);
  target.waiting--;
}

/** Writes the data directory that every contestant gets a copy of. */
export async function writeData(folder: string, { repeats, loadTopics, loadPartitions }: DataSize): Promise<Written> {
  const dataDir = join(folder, 'data');
  const config = { 'log.cleaner.enable': 'false', 'milena.write.caching': 'true' };
  const broker = await startMilena({ dataDir, config });
  const admin = await RawClient.open(broker.port);
  const topic = {
    config: {
      'cleanup.policy': 'compact',
      'segment.bytes': String(segmentBytes),
      'min.cleanable.dirty.ratio': '1',
    },
  };
  const loads = Array.from({ length: loadTopics }, (_, number) => loadTopic(number));
  const single = [warmUpTopic, ...measuredCodecs];
  await createTopics(admin, [
    ...single.map(name => ({ name, ...topic })),
    ...loads.map(name => ({ name, partitions: loadPartitions, ...topic })),
  ]);
  await admin.close();

  const target = async (topic: string, codec: Codec, partition = 0): Promise<Target> => ({
    client: await RawClient.open(broker.port),
    ...{ topic, codec, partition, waiting: 0 },
  });
  const targets = await Promise.all([
    target(warmUpTopic, 'lz4'),
    ...measuredCodecs.map(codec => target(codec, codec)),
    ...loads.flatMap(name =>
      Array.from({ length: loadPartitions }, (_, partition) => target(name, loadCodec, partition)),
    ),
  ]);
  const { source, events } = loadEvents();
  let uncompressedBytes = 0;
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (let first = 0; first < events.length; first += recordsPerBatch) {
      const records = events.slice(first, first + recordsPerBatch).map(({ key, value }) => ({
        timestamp: began,
        key: Buffer.from(`${repeat}/${key}`),
        value: Buffer.from(value),
      }));
      const payload = encodeBatch({ records }).subarray(batchHeaderBytes);
      uncompressedBytes += payload.length + batchHeaderBytes;
      const count = records.length;
      const compressed = new Map<Codec, Uint8Array>();
      for (const one of targets) {
        const bytes = compressed.get(one.codec) ?? compress(one.codec, payload);
        compressed.set(one.codec, bytes);
        const spec = { codec: one.codec, payload: bytes, baseTimestamp: began, count, lastOffsetDelta: count - 1 };
        await send(one, sealedBatch({ ...spec, records: [] }));
      }
    }
  }
  for (const one of targets) {
    while (one.waiting > 0) await acknowledged(one);
    await one.client.close();
  }
  await broker.stop();
  return { folder, source: basename(source), records: repeats * events.length, uncompressedBytes };
}
