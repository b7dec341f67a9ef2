// The coordinators of a node: the group coordinator's runtime on the partitions of `__consumer_offsets`, what handlers ask
// of it, and what it must hear: leadership, events of the plane, changes of the metadata.
import type { BrokerConfig } from './core/config/broker-config.ts';
import type { GroupSettings } from './core/group/asks.ts';
import { type GroupMachine, type GroupRecord, type GroupRecordInit, groupMachineKind } from './core/group/machine.ts';
import type { MetadataDelta } from './core/metadata/delta.ts';
import { type MetadataImage, topicByName } from './core/metadata/image.ts';
import { consumerOffsetsTopic } from './core/metadata/topic-names.ts';
import { systemClock, systemEntropy } from './host.ts';
import { slotsMaxDefault } from './runtime/coordinator/options.ts';
import { CoordinatorRuntime } from './runtime/coordinator/runtime.ts';
import type { DataPlane, LogConfig, PlaneEvent } from './runtime/ports.ts';
import type { Tickets } from './runtime/tickets.ts';
import type { AutoCreation } from './server/auto-creation.ts';
import { CoordinatorFinder } from './server/coordinator-finder.ts';
import { GroupCoordinator } from './server/group-coordinator.ts';
import type { Log } from './server/log.ts';
import type { LeadershipListener } from './server/partitions.ts';

export interface CoordinatorsOptions {
  readonly config: BrokerConfig;
  readonly plane: Pick<DataPlane, 'submit'>;
  readonly tickets: Tickets;
  readonly log: Log;
  readonly autoCreation: AutoCreation;
  image(): MetadataImage;
  readonly logConfigOf: (image: MetadataImage, topic: string) => LogConfig;
}

export class Coordinators {
  readonly groups: GroupCoordinator;
  readonly finder: CoordinatorFinder;
  readonly leadership: LeadershipListener;
  private readonly runtime: CoordinatorRuntime<GroupMachine, GroupRecordInit, GroupRecord>;
  /** Of `__consumer_offsets`, as it was when this node first saw it: groups do not move when partitions are added. */
  private partitionCount: number | undefined;

  constructor(options: CoordinatorsOptions) {
    const { config, image, autoCreation, log } = options;
    const settings = groupSettings(config);
    this.runtime = new CoordinatorRuntime({
      kind: groupMachineKind(settings),
      plane: options.plane,
      tickets: options.tickets,
      clock: systemClock,
      entropy: systemEntropy,
      soon: run => void setImmediate(run),
      // Kafka writes no compressed offsets unless told to: the codecs are opened when the first are met.
      codecs: async () => (await import('./client/codecs.ts')).openCodecs(),
      notice: (level, message) => log[level](message),
      limits: {
        loadBufferBytes: config.int('offsets.load.buffer.size'),
        commitTimeoutMs: config.int('offsets.commit.timeout.ms'),
        batchBytesMax: ofImage(image, now => options.logConfigOf(now, consumerOffsetsTopic).maxMessageBytes),
        slotsMax: slotsMaxDefault,
      },
    });
    const partitionCount = () => this.partitionCount ?? config.int('offsets.topic.num.partitions');
    this.groups = new GroupCoordinator({ shards: this.runtime, partitionCount, settings });
    this.finder = new CoordinatorFinder({
      image,
      clock: systemClock,
      createTopic: name => autoCreation.create([name]),
      partitionOf: groupId => this.groups.partitionOf(groupId),
      whenLoaded: partitionIndex => this.runtime.whenLoaded(partitionIndex),
    });
    this.leadership = this.leadershipOf();
  }

  /** Before partitions are led. */
  start(image: MetadataImage): void {
    this.partitionCount = topicByName(image, consumerOffsetsTopic)?.partitions.length;
  }

  /** Follows one change of the metadata, before partitions do. */
  apply({ topics }: MetadataDelta): void {
    for (const { name } of topics.deleted) if (name === consumerOffsetsTopic) this.partitionCount = undefined;
    for (const { name, partitions } of topics.created) {
      if (name === consumerOffsetsTopic) this.partitionCount = partitions.length;
    }
    if (topics.deleted.length > 0) this.groups.topicsDeleted(topics.deleted);
  }

  /** True when the event was for a coordinator alone. */
  onPlaneEvent(event: PlaneEvent): boolean {
    return this.runtime.onPlaneEvent(event);
  }

  /** Answers whoever waits; what was written is stored before its answer goes out. The plane must be open. */
  close(): Promise<void> {
    return this.runtime.close();
  }

  private leadershipOf(): LeadershipListener {
    return {
      elected: (topic, partitionIndex, partition, leaderEpoch) => {
        if (topic === consumerOffsetsTopic) this.runtime.elected(partitionIndex, partition, leaderEpoch);
      },
      resigned: (topic, partitionIndex) => {
        if (topic === consumerOffsetsTopic) this.runtime.resigned(partitionIndex);
      },
    };
  }
}

const minuteMs = 60_000n;

export const groupSettings = (config: BrokerConfig): GroupSettings => ({
  maxSize: config.int('group.max.size'),
  minSessionTimeoutMs: config.int('group.min.session.timeout.ms'),
  maxSessionTimeoutMs: config.int('group.max.session.timeout.ms'),
  initialRebalanceDelayMs: config.int('group.initial.rebalance.delay.ms'),
  offsetMetadataMaxBytes: config.int('offset.metadata.max.bytes'),
  offsetsRetentionMs: BigInt(config.int('offsets.retention.minutes')) * minuteMs,
  offsetsRetentionCheckIntervalMs: Number(config.long('offsets.retention.check.interval.ms')),
});

/** Asked at every batch, and changed by new metadata only. */
function ofImage<T>(image: () => MetadataImage, derive: (image: MetadataImage) => T): () => T {
  let known: { readonly image: MetadataImage; readonly value: T } | undefined;
  return () => {
    const now = image();
    if (known?.image !== now) known = { image: now, value: derive(now) };
    return known.value;
  };
}
