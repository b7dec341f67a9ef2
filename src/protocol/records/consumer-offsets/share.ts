// Share groups (KIP-932): membership. The state of their partitions is in __share_group_state.
import { array, type Infer, int8, int32, int64, message, string, struct, uuid } from '../../schema.ts';

export const ShareGroupMemberMetadataKey = message({
  name: 'ShareGroupMemberMetadataKey',
  key: 10,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    groupId: string,
    memberId: string,
  },
});
export type ShareGroupMemberMetadataKey = Infer<typeof ShareGroupMemberMetadataKey>;

export const ShareGroupMemberMetadataValue = message({
  name: 'ShareGroupMemberMetadataValue',
  key: 10,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    rackId: string.nullable(),
    clientId: string,
    clientHost: string,
    subscribedTopicNames: array(string),
  },
});
export type ShareGroupMemberMetadataValue = Infer<typeof ShareGroupMemberMetadataValue>;

export const ShareGroupMetadataKey = message({
  name: 'ShareGroupMetadataKey',
  key: 11,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    groupId: string,
  },
});
export type ShareGroupMetadataKey = Infer<typeof ShareGroupMetadataKey>;

export const ShareGroupMetadataValue = message({
  name: 'ShareGroupMetadataValue',
  key: 11,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    epoch: int32,
    metadataHash: int64,
  },
});
export type ShareGroupMetadataValue = Infer<typeof ShareGroupMetadataValue>;

export const ShareGroupTargetAssignmentMetadataKey = message({
  name: 'ShareGroupTargetAssignmentMetadataKey',
  key: 12,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    groupId: string,
  },
});
export type ShareGroupTargetAssignmentMetadataKey = Infer<typeof ShareGroupTargetAssignmentMetadataKey>;

export const ShareGroupTargetAssignmentMetadataValue = message({
  name: 'ShareGroupTargetAssignmentMetadataValue',
  key: 12,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    assignmentEpoch: int32,
    assignmentTimestamp: int64.tag(0).ignorable(),
  },
});
export type ShareGroupTargetAssignmentMetadataValue = Infer<typeof ShareGroupTargetAssignmentMetadataValue>;

export const ShareGroupTargetAssignmentMemberKey = message({
  name: 'ShareGroupTargetAssignmentMemberKey',
  key: 13,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    groupId: string,
    memberId: string,
  },
});
export type ShareGroupTargetAssignmentMemberKey = Infer<typeof ShareGroupTargetAssignmentMemberKey>;

export const ShareGroupTargetAssignmentMemberValue = message({
  name: 'ShareGroupTargetAssignmentMemberValue',
  key: 13,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    topicPartitions: array(
      struct({
        topicId: uuid,
        partitions: array(int32),
      }),
    ),
  },
});
export type ShareGroupTargetAssignmentMemberValue = Infer<typeof ShareGroupTargetAssignmentMemberValue>;

export const ShareGroupCurrentMemberAssignmentKey = message({
  name: 'ShareGroupCurrentMemberAssignmentKey',
  key: 14,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    groupId: string,
    memberId: string,
  },
});
export type ShareGroupCurrentMemberAssignmentKey = Infer<typeof ShareGroupCurrentMemberAssignmentKey>;

const topicPartitions = struct({
  topicId: uuid,
  partitions: array(int32),
});

export const ShareGroupCurrentMemberAssignmentValue = message({
  name: 'ShareGroupCurrentMemberAssignmentValue',
  key: 14,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    memberEpoch: int32,
    previousMemberEpoch: int32,
    state: int8,
    assignedPartitions: array(topicPartitions),
  },
});
export type ShareGroupCurrentMemberAssignmentValue = Infer<typeof ShareGroupCurrentMemberAssignmentValue>;

export const ShareGroupStatePartitionMetadataKey = message({
  name: 'ShareGroupStatePartitionMetadataKey',
  key: 15,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    groupId: string,
  },
});
export type ShareGroupStatePartitionMetadataKey = Infer<typeof ShareGroupStatePartitionMetadataKey>;

const topicPartitionsInfo = struct({
  topicId: uuid,
  topicName: string,
  partitions: array(int32),
});

const topicInfo = struct({
  topicId: uuid,
  topicName: string,
});

export const ShareGroupStatePartitionMetadataValue = message({
  name: 'ShareGroupStatePartitionMetadataValue',
  key: 15,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    initializingTopics: array(topicPartitionsInfo),
    initializedTopics: array(topicPartitionsInfo),
    deletingTopics: array(topicInfo),
  },
});
export type ShareGroupStatePartitionMetadataValue = Infer<typeof ShareGroupStatePartitionMetadataValue>;
