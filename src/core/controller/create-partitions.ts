// CreatePartitions (API 37): a topic only ever grows.
import { isRefusal, refuse } from '../../base/result.ts';
import { metadataVersionOf, recordVersions } from '../metadata/features.ts';
import { type MetadataImage, type PartitionImage, topicByName } from '../metadata/image.ts';
import type { MetadataRecordInit } from '../metadata/records.ts';
import { partitionRecord } from '../metadata/snapshot-records.ts';
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

export interface CreatePartitionsAsk {
  readonly topics: readonly {
    readonly name: string;
    /** The new total. */
    readonly count: number;
    /** One entry for each new partition; null leaves it to the broker. */
    readonly assignments: readonly { readonly brokerIds: readonly number[] }[] | null;
  }[];
  readonly validateOnly: boolean;
}

type Growth = CreatePartitionsAsk['topics'][number];

export interface GrownTopic extends Outcome {
  readonly name: string;
}

export function createPartitions(ask: CreatePartitionsAsk) {
  return ((at: Deciding) => {
    const records: MetadataRecordInit[] = [];
    const reply: GrownTopic[] = [];
    const { partition: version } = recordVersions(metadataVersionOf(at.image));
    const duplicates = duplicatesOf(ask.topics.map(({ name }) => name));
    for (const name of duplicates) reply.push({ name, error: 'INVALID_REQUEST', message: 'Duplicate topic name.' });
    let partitionsAdded = 0;
    for (const growth of ask.topics) {
      if (duplicates.has(growth.name)) continue;
      const topic = topicByName(at.image, growth.name);
      const added =
        topic === undefined
          ? refuse('UNKNOWN_TOPIC_OR_PARTITION', 'This server does not host this topic-partition.')
          : tooMany(growth, topic.partitions.length, partitionsAdded)
            ? refuse('POLICY_VIOLATION', 'Unable to perform excessively large batch operation.')
            : newPartitions(at.image, growth, topic.partitions);
      if (isRefusal(added)) {
        reply.push({ name: growth.name, error: added.refused, message: added.message });
        continue;
      }
      partitionsAdded += added.length;
      for (const partition of added) records.push(partitionRecord(topic!.id, partition, version));
      reply.push({ name: growth.name, ...success });
    }
    return { records: ask.validateOnly ? [] : records, reply };
  }) satisfies Decide<readonly GrownTopic[]>;
}

const tooMany = (growth: Growth, current: number, before: number): boolean =>
  growth.count - current + before > recordsPerDecisionMax;

function newPartitions(
  image: MetadataImage,
  { name, count, assignments }: Growth,
  existing: readonly PartitionImage[],
): readonly PartitionImage[] | WireRefusal {
  const first = existing.length;
  if (count === first) return refuse('INVALID_PARTITIONS', `Topic already has ${first} partition(s).`);
  if (count < first) {
    return refuse(
      'INVALID_PARTITIONS',
      `The topic ${name} currently has ${first} partition(s); ${count} would not be an increase.`,
    );
  }
  const replicationFactor = existing[0]!.replicas.length;
  if (assignments === null) return placePartitions(image, first, count - first, replicationFactor);
  if (assignments.length !== count - first) {
    return badReplicas(
      `Attempted to add ${count - first} additional partition(s), but only ${assignments.length} assignment(s) were specified.`,
    );
  }
  const added: PartitionImage[] = [];
  for (const [i, { brokerIds }] of assignments.entries()) {
    const bad = badAssignment(image, brokerIds, replicationFactor);
    if (bad !== undefined) return badReplicas(bad);
    const partition = partitionOn(image, first + i, brokerIds);
    if (partition.isr.length === 0) {
      return badReplicas(
        `All brokers specified in the manual partition assignment for partition ${first + i} are fenced or in controlled shutdown.`,
      );
    }
    added.push(partition);
  }
  return added;
}

const badReplicas = (message: string): WireRefusal => refuse('INVALID_REPLICA_ASSIGNMENT', message);
