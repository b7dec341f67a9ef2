// Makes the data plane lead what the metadata says this broker leads. Metadata changes arrive before the decisions behind
// them are answered, and partition commands take effect as they are submitted: so when a client learns that its topic
// exists, produce finds it, on whatever connection.
import type { Uuid } from '../base/uuid.ts';
import { uuidToBytes } from '../base/uuid.ts';
import type { MetadataDelta } from '../core/metadata/delta.ts';
import {
  type MetadataImage,
  type PartitionImage,
  resourceType,
  type TopicImage,
  topicByName,
} from '../core/metadata/image.ts';
import { isInternalTopic } from '../core/metadata/topic-names.ts';
import { errorCode } from '../protocol/errors.ts';
import type { PartitionHandles } from '../runtime/handles.ts';
import type { DataPlane, LogConfig, PartitionHandle, PlaneEvent } from '../runtime/ports.ts';
import type { Log } from './log.ts';
import type { PlaneAsks } from './plane-asks.ts';

/** Hears of leadership in the order in which the plane is told. */
export interface LeadershipListener {
  /** Told to lead; also when it leads already and only the epoch is new. */
  elected(topic: string, partitionIndex: number, partition: PartitionHandle, leaderEpoch: number): void;
  /** About to be dropped, or its log has failed: nothing more is stored in it. */
  resigned(topic: string, partitionIndex: number): void;
}

export interface PartitionsOptions {
  readonly nodeId: number;
  readonly plane: Pick<DataPlane, 'submit'>;
  readonly handles: PartitionHandles;
  readonly asks: PlaneAsks;
  readonly log: Log;
  /** Index of the log directory a partition belongs into, of those the plane was opened with. */
  readonly logDirOf: (topic: string, partitionIndex: number, directoryId: Uuid | undefined) => number;
  readonly logConfigOf: (image: MetadataImage, topic: string) => LogConfig;
  readonly leadership: LeadershipListener;
}

/** Kafka's name of a partition's directory, at the end of a path. */
const partitionDirectory = /([^/]+)-(\d+)$/;

export class Partitions {
  private readonly options: PartitionsOptions;
  /** Partitions that were told to lead and did not answer yet, by table index. */
  private readonly opening = new Set<number>();
  private whenOpen: (() => void) | undefined;

  constructor(options: PartitionsOptions) {
    this.options = options;
  }

  /** Takes up all that the image gives this broker; resolves when every log is open or has failed. */
  start(image: MetadataImage): Promise<void> {
    for (const topic of image.topicsById.values()) this.leadAll(image, topic, topic.partitions, false);
    if (this.opening.size === 0) return Promise.resolve();
    return new Promise(resolve => {
      this.whenOpen = resolve;
    });
  }

  /** Follows one change of the metadata. Everything is submitted when this returns. */
  apply(delta: MetadataDelta): void {
    const { topics, after } = delta;
    // First what goes: a topic created anew under its old name needs the old one's directory out of the way.
    for (const topic of topics.deleted) this.drop(topic);
    for (const topic of topics.created) this.leadAll(after, topic, topic.partitions, true);
    for (const change of topics.changed) this.follow(after, change.before, change.after);
    if (delta.configs.some(({ type }) => type === resourceType.broker)) {
      for (const topic of after.topicsById.values()) this.configure(after, topic);
      return;
    }
    const created = new Set(topics.created.map(({ name }) => name));
    for (const { type, name } of delta.configs) {
      const topic = type === resourceType.topic && !created.has(name) ? topicByName(after, name) : undefined;
      if (topic !== undefined) this.configure(after, topic);
    }
  }

  /** True when the event was about partitions as such. */
  onPlaneEvent(event: PlaneEvent): boolean {
    const { log, handles } = this.options;
    switch (event.type) {
      case 'led': {
        const named = handles.named(event.partition);
        // Not the leader any more: dropped, or the broker stops, before the log was opened. Nobody misses it.
        const wanted = event.error !== errorCode.NOT_LEADER_OR_FOLLOWER;
        if (event.error !== 0 && wanted && named !== undefined) {
          log.error(`partition ${named.topic}-${named.partitionIndex} is offline: ${event.message}`);
        }
        this.opening.delete(event.partition.index);
        if (this.opening.size === 0) this.whenOpen?.();
        return true;
      }
      case 'failed': {
        log.error(`log directory failure, ${event.path}: ${event.message}; what it holds is no longer served`);
        const [, topic, index] = partitionDirectory.exec(event.path) ?? [];
        if (topic !== undefined) this.options.leadership.resigned(topic, Number(index));
        return true;
      }
      case 'notice':
        log[event.level](event.message);
        return true;
      default:
        return false;
    }
  }

  handleOf(topic: TopicImage, partitionIndex: number): PartitionHandle | undefined {
    return this.options.handles.of(topic.id, partitionIndex);
  }

  /** Index of the log directory that holds the partition of `topic` this broker leads. */
  logDirOf(topic: TopicImage, { index, replicas, directories }: PartitionImage): number {
    return this.options.logDirOf(topic.name, index, directories[replicas.indexOf(this.options.nodeId)]);
  }

  private follow(image: MetadataImage, before: TopicImage, after: TopicImage): void {
    const known = before.partitions;
    this.leadAll(image, after, after.partitions.slice(known.length), true);
    const raised = after.partitions
      .slice(0, known.length)
      .filter(({ index, leaderEpoch }) => leaderEpoch !== known[index]!.leaderEpoch);
    this.leadAll(image, after, raised, false);
  }

  private leadAll(
    image: MetadataImage,
    topic: TopicImage,
    partitions: readonly PartitionImage[],
    isNew: boolean,
  ): void {
    const { nodeId, handles, plane, leadership, logConfigOf } = this.options;
    const led = partitions.filter(({ leader }) => leader === nodeId);
    if (led.length === 0) return;
    const config = logConfigOf(image, topic.name);
    const topicId = uuidToBytes(topic.id);
    const isInternal = isInternalTopic(topic.name);
    for (const ours of led) {
      const { index, leaderEpoch } = ours;
      const partition = handles.allocate(topic.id, topic.name, index);
      this.opening.add(partition.index);
      plane.submit({
        type: 'lead',
        partition,
        topicId,
        topic: topic.name,
        partitionIndex: index,
        logDir: this.logDirOf(topic, ours),
        leaderEpoch,
        isNew,
        isInternal,
        config,
      });
      leadership.elected(topic.name, index, partition, leaderEpoch);
    }
  }

  private configure(image: MetadataImage, topic: TopicImage): void {
    const config = this.options.logConfigOf(image, topic.name);
    for (const { index } of topic.partitions) {
      const partition = this.handleOf(topic, index);
      if (partition !== undefined) this.options.plane.submit({ type: 'setConfig', partition, config });
    }
  }

  private drop(topic: TopicImage): void {
    const { asks, handles, leadership, log } = this.options;
    for (const { index } of topic.partitions) {
      const partition = this.handleOf(topic, index);
      if (partition === undefined) continue;
      leadership.resigned(topic.name, index);
      void asks.drop(partition).then(({ error }) => {
        if (error !== 0) log.error(`partition ${topic.name}-${index} was not removed from disk (error ${error})`);
        this.opening.delete(partition.index);
        handles.release(partition);
      });
    }
  }
}
