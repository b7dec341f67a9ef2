// Creates topics that clients ask for. The answer of Metadata does not wait: it says that the topic is unknown, and finds
// it when the client asks again (Kafka's behaviour, which every client knows how to live with).
import { isRefusal } from '../base/result.ts';
import type { BrokerConfig } from '../core/config/broker-config.ts';
import type { CreatableTopic, CreatedTopic } from '../core/controller/create-topics.ts';
import type { ApiRefusal } from './api.ts';
import type { Log } from './log.ts';

export type CreateTopics = (topics: readonly CreatableTopic[]) => Promise<readonly CreatedTopic[] | ApiRefusal>;

export class AutoCreation {
  private readonly config: BrokerConfig;
  private readonly createTopics: CreateTopics;
  private readonly log: Log;
  private readonly inFlight = new Map<string, Promise<void>>();
  /** Own topics whose creation has failed: clients ask again and again, the log says it once. */
  private readonly failing = new Set<string>();

  constructor(config: BrokerConfig, createTopics: CreateTopics, log: Log) {
    this.config = config;
    this.createTopics = createTopics;
    this.log = log;
  }

  /** `names` are valid and do not exist yet. Resolves when they do, or could not be created. */
  async create(names: readonly string[]): Promise<void> {
    const fresh = names.filter(name => !this.inFlight.has(name));
    if (fresh.length > 0) {
      const creating = this.createFresh(fresh);
      for (const name of fresh) this.inFlight.set(name, creating);
    }
    await Promise.all(names.map(name => this.inFlight.get(name)));
  }

  private async createFresh(names: readonly string[]): Promise<void> {
    try {
      this.report(names, await this.createTopics(names.map(name => creatableTopic(name, this.config))));
    } finally {
      for (const name of names) this.inFlight.delete(name);
    }
  }

  private report(names: readonly string[], reply: readonly CreatedTopic[] | ApiRefusal): void {
    if (isRefusal(reply)) {
      this.log.warn(`topics ${names.join(', ')} were not created automatically: ${reply.message}`);
      return;
    }
    for (const { name, error, message } of reply) {
      if (error === 'NONE') {
        this.failing.delete(name);
        this.log.info(`topic ${name} was created automatically`);
      } else if (!this.failing.has(name)) {
        if (internalTopics.has(name)) this.failing.add(name);
        this.log.warn(`topic ${name} was not created automatically: ${error}, ${message}`);
      }
    }
  }
}

/** The broker's own topics have sizes and configurations of their own; all others the broker's defaults. */
function creatableTopic(name: string, config: BrokerConfig): CreatableTopic {
  const own = internalTopics.get(name);
  if (own === undefined) {
    return { name, numPartitions: -1, replicationFactor: -1, assignments: [], configs: [] };
  }
  return {
    name,
    numPartitions: config.int(own.partitions),
    replicationFactor: config.int(own.replicationFactor),
    assignments: [],
    configs: Object.entries(own.configs).map(([key, from]) => ({
      name: key,
      value: typeof from === 'string' ? from : config.raw(from.property),
    })),
  };
}

interface InternalTopic {
  readonly partitions: string;
  readonly replicationFactor: string;
  readonly configs: Readonly<Record<string, string | { readonly property: string }>>;
}

const internalTopics: ReadonlyMap<string, InternalTopic> = new Map(
  Object.entries({
    __consumer_offsets: {
      partitions: 'offsets.topic.num.partitions',
      replicationFactor: 'offsets.topic.replication.factor',
      configs: {
        'cleanup.policy': 'compact',
        'segment.bytes': { property: 'offsets.topic.segment.bytes' },
        'compression.type': 'producer',
      },
    },
    __transaction_state: {
      partitions: 'transaction.state.log.num.partitions',
      replicationFactor: 'transaction.state.log.replication.factor',
      configs: {
        'cleanup.policy': 'compact',
        'segment.bytes': { property: 'transaction.state.log.segment.bytes' },
        'compression.type': 'uncompressed',
        'min.insync.replicas': { property: 'transaction.state.log.min.isr' },
        'unclean.leader.election.enable': 'false',
      },
    },
    __share_group_state: {
      partitions: 'share.coordinator.state.topic.num.partitions',
      replicationFactor: 'share.coordinator.state.topic.replication.factor',
      configs: {
        'cleanup.policy': 'delete',
        'segment.bytes': { property: 'share.coordinator.state.topic.segment.bytes' },
        'compression.type': 'producer',
        'min.insync.replicas': { property: 'share.coordinator.state.topic.min.isr' },
        'retention.ms': '-1',
      },
    },
  } satisfies Record<string, InternalTopic>),
);
