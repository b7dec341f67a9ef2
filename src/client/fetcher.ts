import { groupBy } from '../base/group-by.ts';
import { zeroUuid } from '../base/uuid.ts';
import { errorCode, errorOf } from '../protocol/errors.ts';
import { FetchRequest, FetchResponse } from '../protocol/messages/01-fetch.ts';
import { type Batch, type BlockCodec, decodeBatch, splitBatches } from '../protocol/records/batch.ts';
import type { Cluster, TopicMetadata } from './cluster.ts';
import type { Connection } from './connection.ts';
import { ClientFailure, expectNone } from './failure.ts';
import { PartitionMap, type TopicPartition } from './partition-map.ts';

const fetchBytesMax = 8 * 1024 * 1024;
const partitionBytesMax = 1024 * 1024;
const maxWaitMs = 500;
/** One decompressed batch at most. */
const batchBytesMax = 256 * 1024 * 1024;

export interface FetchedBatch extends TopicPartition {
  readonly batch: Batch;
}

export interface Fetched {
  readonly batches: readonly FetchedBatch[];
  /** Positions that their partitions do not hold (any more). */
  readonly outOfRange: readonly TopicPartition[];
}

/** Reads partitions of any number of topics, each from its own position. */
export class Fetcher {
  /** Where the next record of each partition that is read will be looked for. */
  readonly positions = new PartitionMap<bigint>();
  readonly #cluster: Cluster;
  readonly #codec: BlockCodec;
  #topics: ReadonlyMap<string, TopicMetadata> = new Map();
  #names: ReadonlyMap<string, string> = new Map();
  #stale = true;

  constructor(cluster: Cluster, codec: BlockCodec) {
    this.#cluster = cluster;
    this.#codec = codec;
  }

  /** One fetch from each leader, together; waits up to half a second for new records. */
  async poll(): Promise<Fetched> {
    await this.#learn();
    const byLeader = groupBy(this.positions, at => this.#leader(at));
    const fetched = await Promise.all(
      [...byLeader].map(async ([leader, some]) => this.#fetch(await this.#cluster.node(leader), some)),
    );
    return {
      batches: fetched.flatMap(({ batches }) => batches),
      outOfRange: fetched.flatMap(({ outOfRange }) => outOfRange),
    };
  }

  async #learn(): Promise<void> {
    // A partition that nobody knows may have been added since.
    if (!this.#stale && [...this.positions].every(at => this.#find(at) !== undefined)) return;
    const topics = await Promise.all(this.positions.topics.map(name => this.#cluster.topic(name)));
    this.#topics = new Map(topics.map(topic => [topic.name!, topic]));
    this.#names = new Map(topics.map(topic => [topic.topicId, topic.name!]));
    this.#stale = false;
  }

  #leader(at: TopicPartition): number {
    const found = this.#find(at);
    if (!found) throw new ClientFailure(`topic ${at.topic} has no partition ${at.partition}`);
    return found.leaderId;
  }

  #find({ topic, partition }: TopicPartition): TopicMetadata['partitions'][number] | undefined {
    return this.#topics.get(topic)?.partitions.find(p => p.partitionIndex === partition);
  }

  async #fetch(
    connection: Connection,
    some: readonly { topic: string; partition: number; value: bigint }[],
  ): Promise<Fetched> {
    const byName = connection.versionOf(FetchRequest) < 13;
    const answer = await connection.call(FetchRequest, FetchResponse, {
      maxWaitMs,
      minBytes: 1,
      maxBytes: fetchBytesMax,
      topics: new PartitionMap(some).byTopic().map(({ topic, partitions }) => ({
        topic: byName ? topic : '',
        topicId: byName ? zeroUuid : this.#topics.get(topic)!.topicId,
        partitions: partitions.map(({ partition, value }) => ({
          partition,
          fetchOffset: value,
          partitionMaxBytes: partitionBytesMax,
        })),
      })),
      forgottenTopicsData: [],
    });
    expectNone(answer.errorCode, 'fetch');
    const outOfRange: TopicPartition[] = [];
    const batches: FetchedBatch[] = [];
    for (const { topic: name, topicId, partitions } of answer.responses) {
      const topic = byName ? name : this.#names.get(topicId);
      if (topic === undefined) throw new ClientFailure(`a fetch brought topic ${topicId}, which nobody asked for`);
      for (const partition of partitions) {
        if (partition.errorCode === errorCode.OFFSET_OUT_OF_RANGE) {
          outOfRange.push({ topic, partition: partition.partitionIndex });
        } else batches.push(...this.#take(topic, partition));
      }
    }
    return { batches, outOfRange };
  }

  #take(topic: string, fetched: FetchResponse['responses'][number]['partitions'][number]): FetchedBatch[] {
    const { partitionIndex: partition, errorCode: code } = fetched;
    if (code !== 0 && errorOf(code).retriable) {
      this.#stale = true;
      return [];
    }
    expectNone(code, `partition ${partition} of ${topic}`);
    const position = this.positions.get(topic, partition)!;
    const batches = splitBatches(fetched.records ?? new Uint8Array(0)).map(bytes =>
      decodeBatch(bytes, this.#codec, batchBytesMax),
    );
    const last = batches.at(-1);
    if (last) this.positions.set(topic, partition, last.baseOffset + BigInt(last.lastOffsetDelta) + 1n);
    return batches.map(batch => ({ topic, partition, batch: from(batch, position) }));
  }
}

/** A fetch begins with the batch that holds the offset asked for: records before it are left out. */
const from = (batch: Batch, offset: bigint): Batch =>
  batch.baseOffset >= offset ? batch : { ...batch, records: batch.records.filter(record => record.offset >= offset) };
