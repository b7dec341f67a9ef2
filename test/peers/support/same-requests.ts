/** The stream of produce requests that goes to both brokers: all codecs, idempotent and not, 70 B to 900 KB, some duplicates and gaps. A function of its seed. */
import { batch, produce } from '../../answers/produce.ts';
import type { TopicSpec } from '../../answers/suite.ts';
import { BATCH_HEADER_BYTES, type RecordSpec } from '../../support/batch.ts';
import { CODECS } from '../../support/codecs.ts';
import { Random } from '../../support/random.ts';

const BATCH_BYTES_MIN = 70;
const BATCH_BYTES_MAX = 900_000;
const POOL_BYTES = 1 << 22;
const PRODUCERS = 12;
const RECORDS_MAX = 200;
const RECORD_OVERHEAD_BYTES = 12;

/** CreateTime, compression.type=producer; the rolling rules differ. */
export const SAME_TOPICS: readonly (TopicSpec & { partitions: number })[] = [
  { name: 'plain', partitions: 3 },
  { name: 'small-segments', partitions: 2, config: { 'segment.bytes': '1048576', 'index.interval.bytes': '1000' } },
  { name: 'short-segments', partitions: 1, config: { 'segment.ms': '60000' } },
  { name: 'full-index', partitions: 1, config: { 'segment.index.bytes': '1024', 'index.interval.bytes': '100' } },
  { name: 'compacted', partitions: 1, config: { 'cleanup.policy': 'compact' } },
];

/** Half noise, half words: compresses about as events do. */
function makePool(random: Random): Buffer {
  const pool = Buffer.alloc(POOL_BYTES);
  for (let at = 0; at < pool.length; ) {
    const length = Math.min(1 + random.below(60), pool.length - at);
    if (random.chance(0.5)) pool.fill('{"file":"core/src/main/scala/kafka/', at, at + length);
    else for (let i = 0; i < length; i++) pool[at + i] = random.below(256);
    at += length;
  }
  return pool;
}

type Sequence = { next: number; last: Uint8Array | undefined };

export class SameRequests {
  private readonly random: Random;
  private readonly pool: Buffer;
  private readonly sequences = new Map<string, Sequence>();
  private readonly from: bigint;
  private count = 0;

  /** `from`: the time of the first record, in the past of both brokers. */
  constructor(seed: number, from: bigint) {
    this.random = new Random(seed);
    this.pool = makePool(this.random);
    this.from = from;
  }

  next(): Uint8Array {
    const { random } = this;
    const topic = random.pick(SAME_TOPICS);
    const partition = random.below(topic.partitions);
    const records = this.records(random.logUniform(BATCH_BYTES_MIN, BATCH_BYTES_MAX) - BATCH_HEADER_BYTES);
    const correlationId = this.count++;
    const options = { version: 3 + random.below(10), partition, correlationId };
    const codec = options.version >= 7 ? random.pick(CODECS) : random.pick(CODECS.slice(0, 4));
    // Mostly forward, sometimes back: timestamps of real streams do.
    const baseTimestamp = this.from + BigInt(correlationId * 40 + random.below(5000));
    if (random.chance(0.5)) return produce(topic.name, batch({ codec, records, baseTimestamp }), options);
    const producerId = BigInt(1000 + random.below(PRODUCERS));
    const place = `${topic.name}-${partition}-${producerId}`;
    const sequence = this.sequences.get(place) ?? { next: 0, last: undefined };
    this.sequences.set(place, sequence);
    // The same bytes again: a duplicate (or an old one, when others came between in this topic).
    if (sequence.last && random.chance(0.05)) return produce(topic.name, sequence.last, options);
    const gap = random.chance(0.02) ? 7 : 0;
    const made = batch({
      ...{ codec, records, baseTimestamp, producerId, producerEpoch: 0 },
      baseSequence: sequence.next + gap,
    });
    // After a gap the broker refuses; nothing was stored. The first batch of a producer may start anywhere.
    const stored = gap === 0 || sequence.last === undefined;
    if (stored) {
      sequence.next += gap + records.length;
      sequence.last = made;
    }
    return produce(topic.name, made, options);
  }

  private records(bytes: number): RecordSpec[] {
    const { random } = this;
    const count = 1 + random.below(Math.min(RECORDS_MAX, 1 + Math.floor(bytes / 100)));
    const each = Math.max(0, Math.floor(bytes / count) - RECORD_OVERHEAD_BYTES);
    return Array.from({ length: count }, (): RecordSpec => {
      const at = random.below(POOL_BYTES - each);
      return {
        key: this.pool.subarray(at, at + Math.min(each, 1 + random.below(30))),
        value: random.chance(0.02) ? null : this.pool.subarray(at, at + each),
        timestampDelta: random.below(1000),
        ...(random.chance(0.1) ? { headers: [['trace', 'on']] as const } : {}),
      };
    });
  }
}
