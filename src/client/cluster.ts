import { zeroUuid } from '../base/uuid.ts';
import { errorCode, errorOf } from '../protocol/errors.ts';
import { MetadataRequest, MetadataResponse } from '../protocol/messages/03-metadata.ts';
import { type Address, addressText, parseAddresses } from './address.ts';
import { Connection } from './connection.ts';
import { ClientFailure, expectNone } from './failure.ts';

export type TopicMetadata = MetadataResponse['topics'][number];

/** How often a topic that has no leader yet is asked for again, and how long between. */
const leaderAttemptsMax = 50;
const leaderRetryMs = 100;

/** A cluster as a client sees it: any broker of the bootstrap list for questions, leaders for partitions. */
export class Cluster {
  readonly #any: Connection;
  readonly #byNode = new Map<number, Promise<Connection>>();
  readonly #brokers = new Map<number, Address>();

  private constructor(any: Connection) {
    this.#any = any;
  }

  /** Connects to the first broker of `bootstrapServers` that answers. */
  static async connect(bootstrapServers: string): Promise<Cluster> {
    const tried: string[] = [];
    for (const address of parseAddresses(bootstrapServers)) {
      try {
        return new Cluster(await Connection.open(address));
      } catch (error) {
        if (!(error instanceof ClientFailure)) throw error;
        tried.push(error.message);
      }
    }
    throw new ClientFailure(tried.join('; '));
  }

  get any(): Connection {
    return this.#any;
  }

  /** Topics by name, or all of them. Errors stand in each topic. */
  async metadata(topics: readonly string[] | null, options: { autoCreate?: boolean } = {}): Promise<MetadataResponse> {
    const answer = await this.#any.call(MetadataRequest, MetadataResponse, {
      topics: topics?.map(name => ({ name, topicId: zeroUuid })) ?? null,
      allowAutoTopicCreation: options.autoCreate ?? false,
      includeTopicAuthorizedOperations: false,
    });
    for (const { nodeId, host, port } of answer.brokers) this.#brokers.set(nodeId, { host, port });
    return answer;
  }

  /** A topic that exists and whose partitions all have leaders; waits for a topic that was just created. */
  async topic(name: string, options: { autoCreate?: boolean } = {}): Promise<TopicMetadata> {
    for (let attempt = 1; ; attempt++) {
      const topic = (await this.metadata([name], options)).topics[0]!;
      const settled = topic.errorCode === 0 && topic.partitions.every(p => p.errorCode === 0 && p.leaderId >= 0);
      if (settled) return topic;
      const created = options.autoCreate && topic.errorCode === errorCode.UNKNOWN_TOPIC_OR_PARTITION;
      if (attempt === leaderAttemptsMax || !(created || topic.errorCode === 0 || errorOf(topic.errorCode).retriable)) {
        expectNone(topic.errorCode, `topic ${name}`);
        throw new ClientFailure(`topic ${name}: a partition has no leader`);
      }
      if (topic.errorCode === errorCode.UNKNOWN_TOPIC_OR_PARTITION && !options.autoCreate) {
        throw new ClientFailure(`topic ${name} does not exist; "milena topic create ${name}" creates it`);
      }
      await new Promise(resolve => setTimeout(resolve, leaderRetryMs));
    }
  }

  /** Where a broker listens, as the cluster advertises it. */
  address(id: number): Address {
    const address = this.#brokers.get(id);
    if (!address) throw new ClientFailure(`broker ${id} is not in the cluster's metadata`);
    return address;
  }

  /** The connection to a broker by its node id; opened once. */
  node(id: number): Promise<Connection> {
    const address = this.address(id);
    let connection = this.#byNode.get(id);
    if (!connection) {
      connection =
        addressText(address) === addressText(this.#any.address) ? Promise.resolve(this.#any) : Connection.open(address);
      this.#byNode.set(id, connection);
    }
    return connection;
  }

  async close(): Promise<void> {
    this.#any.close();
    for (const connection of await Promise.allSettled(this.#byNode.values())) {
      if (connection.status === 'fulfilled') connection.value.close();
    }
  }
}
