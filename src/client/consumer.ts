import { groupBy } from '../base/group-by.ts';
import { zeroUuid } from '../base/uuid.ts';
import { errorCode } from '../protocol/errors.ts';
import { FetchRequest, FetchResponse } from '../protocol/messages/01-fetch.ts';
import { ListOffsetsRequest, ListOffsetsResponse } from '../protocol/messages/02-list-offsets.ts';
import { type Batch, type BlockCodec, decodeBatch, splitBatches } from '../protocol/records/batch.ts';
import type { Cluster, TopicMetadata } from './cluster.ts';
import type { Connection } from './connection.ts';
import { ClientFailure, expectNone } from './failure.ts';

/** Where to begin: an end of the log, an offset, or the first record not older than a time (ms since the epoch). */
export type Start = 'earliest' | 'latest' | { readonly offset: bigint } | { readonly timestamp: bigint };

const latestTimestamp = -1n;
const earliestTimestamp = -2n;
const fetchBytesMax = 8 * 1024 * 1024;
const partitionBytesMax = 1024 * 1024;
const maxWaitMs = 500;
/** One decompressed batch at most. */
const batchBytesMax = 256 * 1024 * 1024;

export interface FetchedBatch {
  readonly partition: number;
  readonly batch: Batch;
}

/** Reads partitions of one topic without a group, each from its own position. */
export class Consumer {
  readonly #cluster: Cluster;
  readonly #topic: TopicMetadata;
  readonly #codec: BlockCodec;
  readonly #positions = new Map<number, bigint>();

  private constructor(cluster: Cluster, topic: TopicMetadata, codec: BlockCodec) {
    this.#cluster = cluster;
    this.#topic = topic;
    this.#codec = codec;
  }

  /** `partitions` undefined: all of them. */
  static async open(
    cluster: Cluster,
    name: string,
    partitions: readonly number[] | undefined,
    start: Start,
    codec: BlockCodec,
  ): Promise<Consumer> {
    const topic = await cluster.topic(name);
    const consumer = new Consumer(cluster, topic, codec);
    const wanted = partitions ?? topic.partitions.map(p => p.partitionIndex);
    const from = await consumer.#starts(wanted, start);
    for (const [partition, offset] of from) consumer.#positions.set(partition, offset);
    return consumer;
  }

  get positions(): ReadonlyMap<number, bigint> {
    return this.#positions;
  }

  /** The ends of the partitions that are read: the offset the next record will get. */
  ends(): Promise<ReadonlyMap<number, bigint>> {
    return this.#listOffsets([...this.#positions.keys()], latestTimestamp);
  }

  /** One fetch from each leader, together; waits up to half a second for new records. */
  async poll(): Promise<FetchedBatch[]> {
    const byLeader = groupBy(this.#positions.keys(), partition => this.#leader(partition));
    const fetched = await Promise.all(
      [...byLeader].map(async ([leader, partitions]) => this.#fetch(await this.#cluster.node(leader), partitions)),
    );
    return fetched.flat();
  }

  async #starts(partitions: readonly number[], start: Start): Promise<ReadonlyMap<number, bigint>> {
    if (start === 'earliest') return this.#listOffsets(partitions, earliestTimestamp);
    if (start === 'latest') return this.#listOffsets(partitions, latestTimestamp);
    if ('offset' in start) {
      for (const partition of partitions) this.#leader(partition);
      return new Map(partitions.map(partition => [partition, start.offset]));
    }
    const found = await this.#listOffsets(partitions, start.timestamp);
    const ends = await this.#listOffsets(partitions, latestTimestamp);
    // No record that young: the partition is read from its end, as Kafka's own consumers do.
    return new Map([...found].map(([partition, offset]) => [partition, offset < 0n ? ends.get(partition)! : offset]));
  }

  async #listOffsets(partitions: readonly number[], timestamp: bigint): Promise<ReadonlyMap<number, bigint>> {
    const found = new Map<number, bigint>();
    for (const [leader, some] of groupBy(partitions, partition => this.#leader(partition))) {
      const connection = await this.#cluster.node(leader);
      const answer = await connection.call(ListOffsetsRequest, ListOffsetsResponse, {
        replicaId: -1,
        isolationLevel: 0,
        topics: [{ name: this.#topic.name!, partitions: some.map(partitionIndex => ({ partitionIndex, timestamp })) }],
        timeoutMs: maxWaitMs,
      });
      for (const { partitionIndex, errorCode: code, offset } of answer.topics[0]!.partitions) {
        expectNone(code, `partition ${partitionIndex} of ${this.#topic.name}`);
        found.set(partitionIndex, offset);
      }
    }
    return found;
  }

  #leader(partition: number): number {
    const found = this.#topic.partitions.find(p => p.partitionIndex === partition);
    if (!found) throw new ClientFailure(`topic ${this.#topic.name} has no partition ${partition}`);
    return found.leaderId;
  }

  async #fetch(connection: Connection, partitions: readonly number[]): Promise<FetchedBatch[]> {
    const byName = connection.versionOf(FetchRequest) < 13;
    const answer = await connection.call(FetchRequest, FetchResponse, {
      maxWaitMs,
      minBytes: 1,
      maxBytes: fetchBytesMax,
      topics: [
        {
          topic: byName ? this.#topic.name! : '',
          topicId: byName ? zeroUuid : this.#topic.topicId,
          partitions: partitions.map(partition => ({
            partition,
            fetchOffset: this.#positions.get(partition)!,
            partitionMaxBytes: partitionBytesMax,
          })),
        },
      ],
      forgottenTopicsData: [],
    });
    expectNone(answer.errorCode, 'fetch');
    return answer.responses.flatMap(topic => topic.partitions.flatMap(partition => this.#take(partition)));
  }

  #take(fetched: FetchResponse['responses'][number]['partitions'][number]): FetchedBatch[] {
    const partition = fetched.partitionIndex;
    const position = this.#positions.get(partition)!;
    if (fetched.errorCode === errorCode.OFFSET_OUT_OF_RANGE) {
      throw new ClientFailure(`partition ${partition} of ${this.#topic.name} does not hold offset ${position}`);
    }
    expectNone(fetched.errorCode, `partition ${partition} of ${this.#topic.name}`);
    const batches = splitBatches(fetched.records ?? new Uint8Array(0)).map(bytes =>
      decodeBatch(bytes, this.#codec, batchBytesMax),
    );
    const last = batches.at(-1);
    if (last) this.#positions.set(partition, last.baseOffset + BigInt(last.lastOffsetDelta) + 1n);
    return batches.map(batch => ({ partition, batch: from(batch, position) }));
  }
}

/** A fetch begins with the batch that holds the offset asked for: records before it are left out. */
const from = (batch: Batch, offset: bigint): Batch =>
  batch.baseOffset >= offset ? batch : { ...batch, records: batch.records.filter(record => record.offset >= offset) };
