import { zeroUuid } from '../base/uuid.ts';
import { errorCode, errorOf } from '../protocol/errors.ts';
import { MetadataRequest, MetadataResponse } from '../protocol/messages/03-metadata.ts';
import { type Address, addressText, parseAddresses } from './address.ts';
import { Connection } from './connection.ts';
import { ClientFailure, expectNone } from './failure.ts';
import { PartitionMap, spell, type TopicPartition } from './partition-map.ts';

export type TopicMetadata = MetadataResponse['topics'][number];

/** How often a topic that has no leader yet is asked for again, and how long between. */
const leaderAttemptsMax = 50;
const leaderRetryMs = 100;

/** A cluster as a client sees it: any broker of the bootstrap list for questions, leaders for partitions. */
export class Cluster {
  #any: Connection;
  readonly #bootstrap: readonly Address[];
  readonly #byNode = new Map<number, Promise<Connection>>();
  readonly #brokers = new Map<number, Address>();

  private constructor(any: Connection, bootstrap: readonly Address[]) {
    this.#any = any;
    this.#bootstrap = bootstrap;
  }

  /** Connects to the first broker of `bootstrapServers` that answers. */
  static async connect(bootstrapServers: string): Promise<Cluster> {
    const bootstrap = parseAddresses(bootstrapServers);
    return new Cluster(await firstThatAnswers(bootstrap), bootstrap);
  }

  get any(): Connection {
    return this.#any;
  }

  /** Replaces a lost connection to "any" broker; for clients that outlive brokers. */
  async revive(): Promise<void> {
    if (this.#any.isOpen) return;
    this.#any = await firstThatAnswers([...this.#brokers.values(), ...this.#bootstrap]);
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
        throw new ClientFailure(
          `topic ${name} does not exist; "milena topic create ${name}" creates it`,
          topic.errorCode,
        );
      }
      await new Promise(resolve => setTimeout(resolve, leaderRetryMs));
    }
  }

  /** Who leads partitions of these topics. The answer throws ClientFailure for a partition that is not there or not led. */
  async leaders(topics: Iterable<string>): Promise<(at: TopicPartition) => number> {
    const found = new PartitionMap<number>();
    for (const topic of (await this.metadata([...new Set(topics)])).topics) {
      expectNone(topic.errorCode, `topic ${topic.name}`);
      for (const { partitionIndex, leaderId } of topic.partitions) found.set(topic.name!, partitionIndex, leaderId);
    }
    return at => {
      const leader = found.get(at.topic, at.partition);
      if (leader === undefined) throw new ClientFailure(`topic ${at.topic} has no partition ${at.partition}`);
      if (leader < 0) throw new ClientFailure(`partition ${spell(at)} has no leader at the moment`);
      return leader;
    };
  }

  /** Where a broker listens, as the cluster advertises it. */
  address(id: number): Address {
    const address = this.#brokers.get(id);
    if (!address) throw new ClientFailure(`broker ${id} is not in the cluster's metadata`);
    return address;
  }

  /** The connection to a broker by its node id; opened once, and again when it was lost. */
  async node(id: number): Promise<Connection> {
    const address = this.address(id);
    if (addressText(address) === addressText(this.#any.address) && this.#any.isOpen) return this.#any;
    const known = this.#byNode.get(id);
    const connection = known && (await known.catch(() => undefined));
    if (connection?.isOpen) return connection;
    // Whoever came first opens; those who waited with it find its connection in the table.
    if (this.#byNode.get(id) === known) this.#byNode.set(id, Connection.open(address));
    return this.#byNode.get(id)!;
  }

  /** The same for a broker that somebody else has named: the answer of FindCoordinator. */
  nodeAt(id: number, { host, port }: Address): Promise<Connection> {
    this.#brokers.set(id, { host, port });
    return this.node(id);
  }

  /** Ids of the brokers, from the last metadata. */
  get brokerIds(): readonly number[] {
    return [...this.#brokers.keys()];
  }

  async close(): Promise<void> {
    this.#any.close();
    for (const connection of await Promise.allSettled(this.#byNode.values())) {
      if (connection.status === 'fulfilled') connection.value.close();
    }
  }
}

async function firstThatAnswers(addresses: readonly Address[]): Promise<Connection> {
  const tried = new Set<string>();
  for (const address of addresses) {
    try {
      return await Connection.open(address);
    } catch (error) {
      if (!(error instanceof ClientFailure)) throw error;
      tried.add(error.message);
    }
  }
  throw new ClientFailure([...tried].join('; '), errorCode.NETWORK_EXCEPTION);
}
