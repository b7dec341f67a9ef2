import { groupBy } from '../base/group-by.ts';
import { zeroUuid } from '../base/uuid.ts';
import { ProduceRequest, ProduceResponse } from '../protocol/messages/00-produce.ts';
import { type BlockCodec, type Compression, encodeBatch, type RecordInit } from '../protocol/records/batch.ts';
import type { Cluster, TopicMetadata } from './cluster.ts';
import { ClientFailure, expectNone } from './failure.ts';
import { partitionOf } from './partitioner.ts';

export interface ProducerOptions {
  readonly topic: string;
  /** Undefined: by the key's hash as Kafka's clients do, without a key in turn. */
  readonly partition: number | undefined;
  readonly acks: -1 | 0 | 1;
  readonly compression: Compression;
  readonly codec: BlockCodec | undefined;
}

/** How long the broker may wait for acks=all. */
const timeoutMs = 30_000;

/** Sends batches to one topic, one request at a time for each partition. Simple, not fast: for the command line. */
export class Producer {
  readonly #cluster: Cluster;
  readonly #options: ProducerOptions;
  readonly #topic: TopicMetadata;
  #turn = 0;

  private constructor(cluster: Cluster, options: ProducerOptions, topic: TopicMetadata) {
    this.#cluster = cluster;
    this.#options = options;
    this.#topic = topic;
  }

  static async open(cluster: Cluster, options: ProducerOptions): Promise<Producer> {
    return new Producer(cluster, options, await cluster.topic(options.topic, { autoCreate: true }));
  }

  /** Resolves when all records are acknowledged; returns how many each partition took. */
  async send(records: readonly RecordInit[]): Promise<ReadonlyMap<number, number>> {
    const byPartition = groupBy(records, record => this.#partition(record));
    await Promise.all([...byPartition].map(([partition, some]) => this.#produce(partition, some)));
    return new Map([...byPartition].map(([partition, some]) => [partition, some.length]));
  }

  #partition(record: RecordInit): number {
    if (this.#options.partition !== undefined) return this.#options.partition;
    const count = this.#topic.partitions.length;
    return record.key ? partitionOf(record.key, count) : this.#turn++ % count;
  }

  async #produce(partition: number, records: readonly RecordInit[]): Promise<void> {
    const { topic, acks, compression, codec } = this.#options;
    const leader = this.#topic.partitions.find(p => p.partitionIndex === partition);
    if (!leader) throw new ClientFailure(`topic ${topic} has no partition ${partition}`);
    const connection = await this.#cluster.node(leader.leaderId);
    const byName = connection.versionOf(ProduceRequest) < 13;
    const body = {
      acks,
      timeoutMs,
      topicData: [
        {
          name: byName ? topic : '',
          topicId: byName ? zeroUuid : this.#topic.topicId,
          partitionData: [{ index: partition, records: encodeBatch({ compression, records }, codec) }],
        },
      ],
    };
    if (acks === 0) return connection.tell(ProduceRequest, body);
    const answer = await connection.call(ProduceRequest, ProduceResponse, body);
    const result = answer.responses[0]!.partitionResponses[0]!;
    expectNone(result.errorCode, `partition ${partition} of ${topic}`, result.errorMessage);
  }
}
