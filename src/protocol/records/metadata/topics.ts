// Topics and partitions.
import { array, type Infer, int8, int32, message, string, uuid } from '../../schema.ts';

/** A topic was created. */
export const TopicRecord = message({
  name: 'TopicRecord',
  key: 2,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    name: string,
    topicId: uuid,
  },
});
export type TopicRecord = Infer<typeof TopicRecord>;

/** A partition as a whole: at its creation and in snapshots. */
export const PartitionRecord = message({
  name: 'PartitionRecord',
  key: 3,
  min: 0,
  max: 2,
  flexibleFrom: 0,
  fields: {
    partitionId: int32.or(-1),
    topicId: uuid,
    replicas: array(int32),
    isr: array(int32),
    removingReplicas: array(int32),
    addingReplicas: array(int32),
    leader: int32.or(-1),
    leaderRecoveryState: int8.tag(0),
    leaderEpoch: int32.or(-1),
    partitionEpoch: int32.or(-1),
    directories: array(uuid).since(1),
    eligibleLeaderReplicas: array(int32).since(2).nullable().tag(1).or(null),
    lastKnownElr: array(int32).since(2).nullable().tag(2).or(null),
  },
});
export type PartitionRecord = Infer<typeof PartitionRecord>;

/** What changed in a partition: fields left at their defaults did not. */
export const PartitionChangeRecord = message({
  name: 'PartitionChangeRecord',
  key: 5,
  min: 0,
  max: 2,
  flexibleFrom: 0,
  fields: {
    partitionId: int32.or(-1),
    topicId: uuid,
    isr: array(int32).nullable().tag(0).or(null),
    leader: int32.tag(1).or(-2),
    replicas: array(int32).nullable().tag(2).or(null),
    removingReplicas: array(int32).nullable().tag(3).or(null),
    addingReplicas: array(int32).nullable().tag(4).or(null),
    leaderRecoveryState: int8.tag(5).or(-1),
    directories: array(uuid).since(1).nullable().tag(8).or(null),
    eligibleLeaderReplicas: array(int32).since(2).nullable().tag(6).or(null),
    lastKnownElr: array(int32).since(2).nullable().tag(7).or(null),
  },
});
export type PartitionChangeRecord = Infer<typeof PartitionChangeRecord>;

/** A topic and its partitions are gone. */
export const RemoveTopicRecord = message({
  name: 'RemoveTopicRecord',
  key: 9,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    topicId: uuid,
  },
});
export type RemoveTopicRecord = Infer<typeof RemoveTopicRecord>;

/** Eligible leader replicas are forgotten, of one topic or of all (KIP-966). */
export const ClearElrRecord = message({
  name: 'ClearElrRecord',
  key: 28,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    topicName: string,
  },
});
export type ClearElrRecord = Infer<typeof ClearElrRecord>;
