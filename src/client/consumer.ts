import type { BlockCodec } from '../protocol/records/batch.ts';
import type { Cluster } from './cluster.ts';
import { ClientFailure } from './failure.ts';
import { type FetchedBatch, Fetcher } from './fetcher.ts';
import { earliestTimestamp, latestTimestamp, listOffsets, offsetsForTime } from './list-offsets.ts';
import { PartitionMap, type TopicPartition } from './partition-map.ts';

/** Where to begin: an end of the log, an offset, or the first record not older than a time (ms since the epoch). */
export type Start = 'earliest' | 'latest' | { readonly offset: bigint } | { readonly timestamp: bigint };

/** Reads partitions of one topic without a group, each from its own position. */
export class Consumer {
  readonly #cluster: Cluster;
  readonly #fetcher: Fetcher;

  private constructor(cluster: Cluster, fetcher: Fetcher) {
    this.#cluster = cluster;
    this.#fetcher = fetcher;
  }

  /** `partitions` undefined: all of them. */
  static async open(
    cluster: Cluster,
    topic: string,
    partitions: readonly number[] | undefined,
    start: Start,
    codec: BlockCodec,
  ): Promise<Consumer> {
    const existing = (await cluster.topic(topic)).partitions.map(p => p.partitionIndex);
    const missing = partitions?.find(partition => !existing.includes(partition));
    if (missing !== undefined) throw new ClientFailure(`topic ${topic} has no partition ${missing}`);
    const wanted = (partitions ?? existing).map(partition => ({ topic, partition }));
    const fetcher = new Fetcher(cluster, codec);
    for (const { partition, value } of await starts(cluster, wanted, start)) {
      fetcher.positions.set(topic, partition, value);
    }
    return new Consumer(cluster, fetcher);
  }

  get positions(): PartitionMap<bigint> {
    return this.#fetcher.positions;
  }

  /** The ends of the partitions that are read: the offset the next record will get. */
  ends(): Promise<PartitionMap<bigint>> {
    return listOffsets(this.#cluster, this.positions, latestTimestamp);
  }

  /** What is there; waits up to half a second for new records. */
  async poll(): Promise<readonly FetchedBatch[]> {
    const { batches, outOfRange } = await this.#fetcher.poll();
    for (const { topic, partition } of outOfRange) {
      const position = this.positions.get(topic, partition);
      throw new ClientFailure(`partition ${partition} of ${topic} does not hold offset ${position}`);
    }
    return batches;
  }
}

async function starts(
  cluster: Cluster,
  wanted: readonly TopicPartition[],
  start: Start,
): Promise<PartitionMap<bigint>> {
  if (start === 'earliest') return listOffsets(cluster, wanted, earliestTimestamp);
  if (start === 'latest') return listOffsets(cluster, wanted, latestTimestamp);
  if ('timestamp' in start) return offsetsForTime(cluster, wanted, start.timestamp);
  return new PartitionMap(wanted.map(at => ({ ...at, value: start.offset })));
}
