// The only mutator of metadata: records in, a new image and its delta out. One method per record type; it runs the same
// for a decision just made, for a restart and for a snapshot. It decides nothing: a record that does not fit the image
// is a broken log, so it throws ReplayError and the broker does not start.
import type { Uuid } from '../../base/uuid.ts';
import type { MetadataDelta, TopicChange } from './delta.ts';
import {
  type BrokerImage,
  configsOf,
  type MetadataImage,
  type PartitionImage,
  type ResourceConfigs,
  resourceKey,
  resourceType,
  type TopicImage,
} from './image.ts';
import { keptChange } from './kept.ts';
import { changedPartition, newPartition } from './partition.ts';
import type { DataOf, MetadataRecord } from './records.ts';
import type { StringMap } from './string-map.ts';
import { collisionForm } from './topic-names.ts';

/** The log says something that cannot be: unknown topic, gap in partitions. */
export class ReplayError extends Error {
  override name = 'ReplayError';
}

/** A topic while its records are replayed; partitions are this replay's own copy. */
interface TopicDraft {
  readonly id: Uuid;
  readonly name: string;
  readonly partitions: PartitionImage[];
}

interface ResourceDraft {
  readonly type: number;
  readonly name: string;
  readonly configs: Map<string, string>;
}

/** Replays one batch on top of `before`, which stays as it is. Use once: replay each record, then `finish`. */
export class Replay {
  private readonly before: MetadataImage;
  /** Undefined: deleted. */
  private readonly topics = new Map<Uuid, TopicDraft | undefined>();
  private readonly names = new Map<string, Uuid | undefined>();
  private readonly resources = new Map<string, ResourceDraft>();
  private readonly kept = new Map<string, MetadataRecord | undefined>();
  private readonly brokers: Map<number, BrokerImage>;
  private readonly changedBrokers = new Set<number>();
  private controllers: MetadataImage['controllers'];
  private features: MetadataImage['features'];
  private nextProducerId: bigint;
  private producerIdsBroker: MetadataImage['producerIdsBroker'];

  constructor(before: MetadataImage) {
    this.before = before;
    this.brokers = new Map(before.brokers);
    this.controllers = before.controllers;
    this.features = before.features;
    this.nextProducerId = before.nextProducerId;
    this.producerIdsBroker = before.producerIdsBroker;
  }

  replay(record: MetadataRecord): void {
    const kept = keptChange(record);
    if (kept !== undefined) {
      this.kept.set(kept.key, kept.record);
      return;
    }
    switch (record.type) {
      case 'topic':
        this.topic(record.data);
        break;
      case 'partition':
        this.partition(record.data);
        break;
      case 'partitionChange':
        this.partitionChange(record.data);
        break;
      case 'removeTopic':
        this.removeTopic(record.data);
        break;
      case 'clearElr':
        this.clearElr(record.data);
        break;
      case 'config':
        this.config(record.data);
        break;
      case 'registerBroker':
        this.registerBroker(record.data);
        break;
      case 'brokerRegistrationChange':
        this.brokerRegistrationChange(record.data);
        break;
      case 'unregisterBroker':
        this.unregisterBroker(record.data);
        break;
      case 'fenceBroker':
        this.changeBroker(record.data.id, { fenced: true });
        break;
      case 'unfenceBroker':
        this.changeBroker(record.data.id, { fenced: false });
        break;
      case 'registerController':
        this.registerController(record.data);
        break;
      case 'featureLevel':
        this.featureLevel(record.data);
        break;
      case 'producerIds':
        this.producerIds(record.data);
        break;
      default:
        // noOp changes nothing; transaction marks were interpreted before (transactions.ts).
        break;
    }
  }

  private topic(data: DataOf<'topic'>): void {
    this.topics.set(data.topicId, { id: data.topicId, name: data.name, partitions: [] });
    this.names.set(data.name, data.topicId);
  }

  private partition(data: DataOf<'partition'>): void {
    const { partitions, name } = this.draft(data.topicId);
    if (data.partitionId < 0) throw new ReplayError(`${name} has a partition ${data.partitionId}`);
    partitions[data.partitionId] = newPartition(data);
  }

  private partitionChange(data: DataOf<'partitionChange'>): void {
    const { partitions, name } = this.draft(data.topicId);
    const partition = partitions[data.partitionId];
    if (partition === undefined) throw new ReplayError(`a change of ${name}-${data.partitionId}, which does not exist`);
    partitions[data.partitionId] = changedPartition(partition, data);
  }

  private removeTopic(data: DataOf<'removeTopic'>): void {
    const { name } = this.draft(data.topicId);
    this.topics.set(data.topicId, undefined);
    this.names.set(name, undefined);
    this.resource(resourceType.topic, name).configs.clear();
  }

  private clearElr(data: DataOf<'clearElr'>): void {
    const id = data.topicName === '' ? undefined : this.idOf(data.topicName);
    for (const topicId of id === undefined ? this.allTopicIds() : [id]) {
      const { partitions } = this.draft(topicId);
      for (const [index, partition] of partitions.entries()) {
        if (partition.elr.length + partition.lastKnownElr.length === 0) continue;
        const partitionEpoch = partition.partitionEpoch + 1;
        partitions[index] = { ...partition, elr: [], lastKnownElr: [], partitionEpoch };
      }
    }
  }

  private config(data: DataOf<'config'>): void {
    const { configs } = this.resource(data.resourceType, data.resourceName);
    if (data.value === null) configs.delete(data.name);
    else configs.set(data.name, data.value);
  }

  private registerBroker(data: DataOf<'registerBroker'>): void {
    const { brokerId: id, brokerEpoch: epoch, endPoints: endpoints, ...rest } = data;
    this.brokers.set(id, { id, epoch, endpoints, ...rest });
    this.changedBrokers.add(id);
  }

  private brokerRegistrationChange(data: DataOf<'brokerRegistrationChange'>): void {
    this.changeBroker(data.brokerId, {
      // -1 unfences, 1 fences, 0 leaves it as it is (KIP-841).
      ...(data.fenced !== 0 && { fenced: data.fenced > 0 }),
      ...(data.inControlledShutdown !== 0 && { inControlledShutdown: data.inControlledShutdown > 0 }),
      ...(data.logDirs.length > 0 && { logDirs: data.logDirs }),
      ...(data.cordonedLogDirs !== null && { cordonedLogDirs: data.cordonedLogDirs }),
    });
  }

  private changeBroker(id: number, change: Partial<BrokerImage>): void {
    const broker = this.brokers.get(id);
    if (broker === undefined) throw new ReplayError(`a change of broker ${id}, which is not registered`);
    this.brokers.set(id, { ...broker, ...change });
    this.changedBrokers.add(id);
  }

  private unregisterBroker(data: DataOf<'unregisterBroker'>): void {
    this.brokers.delete(data.brokerId);
    this.changedBrokers.add(data.brokerId);
  }

  private registerController(data: DataOf<'registerController'>): void {
    const { controllerId: id, endPoints: endpoints, ...rest } = data;
    this.controllers = new Map(this.controllers).set(id, { id, endpoints, ...rest });
  }

  private featureLevel(data: DataOf<'featureLevel'>): void {
    const features = new Map(this.features);
    if (data.featureLevel === 0) features.delete(data.name);
    else features.set(data.name, data.featureLevel);
    this.features = features;
  }

  private producerIds(data: DataOf<'producerIds'>): void {
    this.nextProducerId = data.nextProducerId;
    this.producerIdsBroker = { id: data.brokerId, epoch: data.brokerEpoch };
  }

  /** The image with everything replayed, whose last record had `offset` and `epoch`. */
  finish(offset: bigint, epoch: number): MetadataDelta {
    const { before } = this;
    const topics = this.topicChanges();
    const byId = new Map<string, TopicImage | undefined>();
    for (const topic of topics.deleted) byId.set(topic.id, undefined);
    for (const topic of topics.created) byId.set(topic.id, topic);
    for (const { after } of topics.changed) byId.set(after.id, after);
    const after: MetadataImage = {
      clusterId: before.clusterId,
      offset,
      epoch,
      topicsById: before.topicsById.withAll(byId),
      topicIdsByName: before.topicIdsByName.withAll(this.names),
      collidingNames: this.collidingNames(),
      partitionCount: before.partitionCount + grown(topics),
      configs: before.configs.withAll(this.resourceChanges()),
      brokers: this.changedBrokers.size === 0 ? before.brokers : this.brokers,
      controllers: this.controllers,
      features: this.features,
      nextProducerId: this.nextProducerId,
      producerIdsBroker: this.producerIdsBroker,
      kept: before.kept.withAll(this.kept),
    };
    return {
      before,
      after,
      topics,
      configs: [...this.resources.values()]
        .filter(({ type, name }) => type !== resourceType.topic || after.topicIdsByName.has(name))
        .map(({ type, name }) => ({ type, name })),
      brokers: [...this.changedBrokers],
      features: this.features !== before.features,
      producerIds: this.nextProducerId !== before.nextProducerId,
    };
  }

  private topicChanges(): MetadataDelta['topics'] {
    const created: TopicImage[] = [];
    const deleted: TopicImage[] = [];
    const changed: TopicChange[] = [];
    for (const [id, draft] of this.topics) {
      const before = this.before.topicsById.get(id);
      if (draft === undefined) {
        if (before !== undefined) deleted.push(before);
        continue;
      }
      for (let i = 0; i < draft.partitions.length; i++) {
        if (draft.partitions[i] === undefined) throw new ReplayError(`${draft.name} has no partition ${i}`);
      }
      if (before === undefined) created.push(draft);
      else changed.push({ before, after: draft });
    }
    return { created, deleted, changed };
  }

  private resourceChanges(): Map<string, ResourceConfigs | undefined> {
    const changes = new Map<string, ResourceConfigs | undefined>();
    for (const [key, { configs }] of this.resources) changes.set(key, configs.size === 0 ? undefined : configs);
    return changes;
  }

  private collidingNames(): StringMap<readonly string[]> {
    const changes = new Map<string, readonly string[] | undefined>();
    for (const [name, id] of this.names) {
      const form = collisionForm(name);
      if (form === undefined) continue;
      const now = changes.has(form) ? changes.get(form) : this.before.collidingNames.get(form);
      const others = (now ?? []).filter(other => other !== name);
      if (id !== undefined) others.push(name);
      changes.set(form, others.length === 0 ? undefined : others);
    }
    return this.before.collidingNames.withAll(changes);
  }

  private draft(id: Uuid): TopicDraft {
    const started = this.topics.get(id);
    if (started !== undefined) return started;
    const before = this.topics.has(id) ? undefined : this.before.topicsById.get(id);
    if (before === undefined) throw new ReplayError(`a record of topic id ${id}, which does not exist`);
    const draft = { id, name: before.name, partitions: [...before.partitions] };
    this.topics.set(id, draft);
    return draft;
  }

  private resource(type: number, name: string): ResourceDraft {
    const key = resourceKey(type, name);
    let draft = this.resources.get(key);
    if (draft === undefined) {
      draft = { type, name, configs: new Map(configsOf(this.before, type, name)) };
      this.resources.set(key, draft);
    }
    return draft;
  }

  private idOf(name: string): Uuid {
    const id = this.names.has(name) ? this.names.get(name) : this.before.topicIdsByName.get(name);
    if (id === undefined) throw new ReplayError(`a record of topic ${name}, which does not exist`);
    return id;
  }

  private allTopicIds(): Set<Uuid> {
    const ids = new Set<Uuid>([...this.before.topicsById.values()].map(topic => topic.id));
    for (const [id, draft] of this.topics) {
      if (draft === undefined) ids.delete(id);
      else ids.add(id);
    }
    return ids;
  }
}

function grown({ created, deleted, changed }: MetadataDelta['topics']): number {
  let partitions = 0;
  for (const topic of created) partitions += topic.partitions.length;
  for (const topic of deleted) partitions -= topic.partitions.length;
  for (const { before, after } of changed) partitions += after.partitions.length - before.partitions.length;
  return partitions;
}
