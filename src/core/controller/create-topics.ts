// CreateTopics (API 19). Each topic is judged alone and fails alone; those that pass go into the log as one batch.
import { isRefusal, refuse } from '../../base/result.ts';
import { type Uuid, zeroUuid } from '../../base/uuid.ts';
import { metadataVersionOf, recordVersions } from '../metadata/features.ts';
import { type MetadataImage, type PartitionImage, resourceType } from '../metadata/image.ts';
import type { MetadataRecordInit } from '../metadata/records.ts';
import { partitionRecord } from '../metadata/snapshot-records.ts';
import { clusterMetadataTopic, collisionForm, invalidTopicName } from '../metadata/topic-names.ts';
import {
  type Decide,
  type Deciding,
  type Outcome,
  recordsPerDecisionMax,
  success,
  type WireRefusal,
} from './decision.ts';
import { duplicatesOf } from './duplicates.ts';
import { badAssignment, partitionOn, placePartitions } from './placement.ts';
import type { ConfigRules, TopicSettings } from './settings.ts';

export interface CreatableTopic {
  readonly name: string;
  /** -1: the broker's default, or as many as there are assignments. */
  readonly numPartitions: number;
  /** -1: the broker's default, or what the assignments say. */
  readonly replicationFactor: number;
  readonly assignments: readonly { readonly partitionIndex: number; readonly brokerIds: readonly number[] }[];
  readonly configs: readonly { readonly name: string; readonly value: string | null }[];
}

export interface CreateTopicsAsk {
  readonly topics: readonly CreatableTopic[];
  readonly validateOnly: boolean;
}

export interface CreatedTopic extends Outcome {
  readonly name: string;
  /** The zero id when it was not created. */
  readonly topicId: Uuid;
  /** -1 when it was not created. */
  readonly numPartitions: number;
  readonly replicationFactor: number;
  /** Overrides as given; the effective configuration is core/config's to work out. */
  readonly configs: ReadonlyMap<string, string>;
}

interface Plan {
  readonly partitions: readonly PartitionImage[];
  readonly configs: ReadonlyMap<string, string>;
}

/** The partitions one request may create (Kafka's limit, the same number as of records). */
const partitionsPerRequestMax = recordsPerDecisionMax;

export function createTopics(ask: CreateTopicsAsk, settings: TopicSettings, rules: ConfigRules) {
  return ((at: Deciding) => {
    if (partitionsAsked(ask.topics, settings) > partitionsPerRequestMax) {
      return refuse('POLICY_VIOLATION', 'Excessively large number of partitions per request.');
    }
    const records: MetadataRecordInit[] = [];
    const reply: CreatedTopic[] = [];
    // A name that is there twice fails once, whatever its two entries say.
    const duplicates = duplicatesOf(ask.topics.map(({ name }) => name));
    for (const topic of ask.topics) {
      if (duplicates.has(topic.name)) continue;
      const plan = planTopic(at.image, topic, settings, rules);
      if (isRefusal(plan)) {
        reply.push(notCreated(topic.name, plan));
        continue;
      }
      const topicId = at.newUuid();
      records.push(...topicRecords(at.image, topic.name, topicId, plan));
      const replicationFactor = plan.partitions[0]!.replicas.length;
      const numPartitions = plan.partitions.length;
      reply.push({ name: topic.name, topicId, ...success, numPartitions, replicationFactor, configs: plan.configs });
    }
    for (const name of duplicates) reply.push(notCreated(name, refuse('INVALID_REQUEST', 'Duplicate topic name.')));
    if (records.length > recordsPerDecisionMax) {
      return refuse('POLICY_VIOLATION', 'Unable to perform excessively large batch operation.');
    }
    return { records: ask.validateOnly ? [] : records, reply };
  }) satisfies Decide<readonly CreatedTopic[]>;
}

const notCreated = (name: string, { refused, message }: WireRefusal): CreatedTopic => ({
  name,
  topicId: zeroUuid,
  error: refused,
  message,
  numPartitions: -1,
  replicationFactor: -1,
  configs: new Map(),
});

function partitionsAsked(topics: readonly CreatableTopic[], settings: TopicSettings): number {
  let partitions = 0;
  for (const { assignments, numPartitions } of topics) {
    if (assignments.length > 0) partitions += assignments.length;
    else if (numPartitions === -1) partitions += settings.defaultPartitions;
    else if (numPartitions > 0) partitions += numPartitions;
  }
  return partitions;
}

function planTopic(
  image: MetadataImage,
  topic: CreatableTopic,
  settings: TopicSettings,
  rules: ConfigRules,
): Plan | WireRefusal {
  const badName = nameRefusal(image, topic.name);
  if (badName !== undefined) return badName;
  const configs = new Map<string, string>();
  const nulls: string[] = [];
  for (const { name, value } of topic.configs) {
    if (value === null) nulls.push(name);
    else configs.set(name, value);
  }
  if (nulls.length > 0) {
    return refuse('INVALID_CONFIG', `Null value not supported for topic configs: ${nulls.join(',')}`);
  }
  const invalid = rules.invalidTopicConfigs(configs);
  if (invalid !== undefined) return refuse('INVALID_CONFIG', invalid);
  const partitions =
    topic.assignments.length > 0 ? assignedPartitions(image, topic) : countedPartitions(image, topic, settings);
  return isRefusal(partitions) ? partitions : { partitions, configs };
}

function nameRefusal(image: MetadataImage, name: string): WireRefusal | undefined {
  if (name === clusterMetadataTopic) {
    return refuse('INVALID_REQUEST', `Creation of internal topic ${clusterMetadataTopic} is prohibited.`);
  }
  if (image.topicIdsByName.has(name)) return refuse('TOPIC_ALREADY_EXISTS', `Topic '${name}' already exists.`);
  const invalid = invalidTopicName(name);
  if (invalid !== undefined) return refuse('INVALID_TOPIC_EXCEPTION', invalid);
  const form = collisionForm(name);
  const colliding = form === undefined ? undefined : image.collidingNames.get(form)?.[0];
  if (colliding === undefined) return undefined;
  return refuse('INVALID_TOPIC_EXCEPTION', `Topic '${name}' collides with existing topic: ${colliding}`);
}

function assignedPartitions(image: MetadataImage, topic: CreatableTopic): readonly PartitionImage[] | WireRefusal {
  if (topic.replicationFactor !== -1) {
    return refuse(
      'INVALID_REQUEST',
      'A manual partition assignment was specified, but replication factor was not set to -1.',
    );
  }
  if (topic.numPartitions !== -1) {
    return refuse(
      'INVALID_REQUEST',
      'A manual partition assignment was specified, but numPartitions was not set to -1.',
    );
  }
  const partitions: PartitionImage[] = [];
  const indices = new Set<number>();
  let replicationFactor: number | undefined;
  for (const { partitionIndex, brokerIds } of topic.assignments) {
    if (indices.has(partitionIndex)) {
      return badReplicas(`Found multiple manual partition assignments for partition ${partitionIndex}`);
    }
    indices.add(partitionIndex);
    const bad = badAssignment(image, brokerIds, replicationFactor);
    if (bad !== undefined) return badReplicas(bad);
    replicationFactor = brokerIds.length;
    const partition = partitionOn(image, partitionIndex, brokerIds);
    if (partition.isr.length === 0) {
      return badReplicas(
        `All brokers specified in the manual partition assignment for partition ${partitionIndex} are fenced or in controlled shutdown.`,
      );
    }
    partitions.push(partition);
  }
  partitions.sort((a, b) => a.index - b.index);
  if (partitions.some(({ index }, i) => index !== i)) {
    return badReplicas('partitions should be a consecutive 0-based integer sequence');
  }
  return partitions;
}

const badReplicas = (message: string): WireRefusal => refuse('INVALID_REPLICA_ASSIGNMENT', message);

function countedPartitions(
  image: MetadataImage,
  { numPartitions, replicationFactor }: CreatableTopic,
  settings: TopicSettings,
): readonly PartitionImage[] | WireRefusal {
  if (replicationFactor < -1 || replicationFactor === 0) {
    return refuse(
      'INVALID_REPLICATION_FACTOR',
      'Replication factor must be larger than 0, or -1 to use the default value.',
    );
  }
  if (numPartitions < -1 || numPartitions === 0) {
    return refuse('INVALID_PARTITIONS', 'Number of partitions was set to an invalid non-positive value.');
  }
  const count = numPartitions === -1 ? settings.defaultPartitions : numPartitions;
  const factor = replicationFactor === -1 ? settings.defaultReplicationFactor : replicationFactor;
  const placed = placePartitions(image, 0, count, factor);
  if (!isRefusal(placed)) return placed;
  return refuse(placed.refused, `Unable to replicate the partition ${factor} time(s): ${placed.message}`);
}

// Kafka's order: the topic, its configs, its partitions.
function topicRecords(image: MetadataImage, name: string, topicId: Uuid, plan: Plan): MetadataRecordInit[] {
  const { partition: version } = recordVersions(metadataVersionOf(image));
  const records: MetadataRecordInit[] = [{ type: 'topic', version: 0, data: { name, topicId } }];
  for (const [key, value] of plan.configs) {
    const data = { resourceType: resourceType.topic, resourceName: name, name: key, value };
    records.push({ type: 'config', version: 0, data });
  }
  for (const partition of plan.partitions) records.push(partitionRecord(topicId, partition, version));
  return records;
}
