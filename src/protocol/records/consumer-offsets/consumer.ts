// Groups of the consumer protocol (KIP-848), one record kind per kind of state.
import { array, bytes, type Infer, int8, int32, int64, message, string, struct, uuid } from '../../schema.ts';

export const ConsumerGroupMetadataKey = message({
  name: 'ConsumerGroupMetadataKey',
  key: 3,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    groupId: string,
  },
});
export type ConsumerGroupMetadataKey = Infer<typeof ConsumerGroupMetadataKey>;

export const ConsumerGroupMetadataValue = message({
  name: 'ConsumerGroupMetadataValue',
  key: 3,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    epoch: int32,
    metadataHash: int64.tag(0),
  },
});
export type ConsumerGroupMetadataValue = Infer<typeof ConsumerGroupMetadataValue>;

export const ConsumerGroupPartitionMetadataKey = message({
  name: 'ConsumerGroupPartitionMetadataKey',
  key: 4,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    groupId: string,
  },
});
export type ConsumerGroupPartitionMetadataKey = Infer<typeof ConsumerGroupPartitionMetadataKey>;

export const ConsumerGroupPartitionMetadataValue = message({
  name: 'ConsumerGroupPartitionMetadataValue',
  key: 4,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    topics: array(
      struct({
        topicId: uuid,
        topicName: string,
        numPartitions: int32,
        partitionMetadata: array(
          struct({
            partition: int32,
            racks: array(string),
          }),
        ),
      }),
    ),
  },
});
export type ConsumerGroupPartitionMetadataValue = Infer<typeof ConsumerGroupPartitionMetadataValue>;

export const ConsumerGroupMemberMetadataKey = message({
  name: 'ConsumerGroupMemberMetadataKey',
  key: 5,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    groupId: string,
    memberId: string,
  },
});
export type ConsumerGroupMemberMetadataKey = Infer<typeof ConsumerGroupMemberMetadataKey>;

export const ConsumerGroupMemberMetadataValue = message({
  name: 'ConsumerGroupMemberMetadataValue',
  key: 5,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    instanceId: string.nullable(),
    rackId: string.nullable(),
    clientId: string,
    clientHost: string,
    subscribedTopicNames: array(string),
    subscribedTopicRegex: string.nullable(),
    rebalanceTimeoutMs: int32.or(-1),
    serverAssignor: string.nullable(),
    classicMemberMetadata: struct({
      sessionTimeoutMs: int32,
      supportedProtocols: array(
        struct({
          name: string,
          metadata: bytes,
        }),
      ),
    })
      .nullable()
      .tag(0),
  },
});
export type ConsumerGroupMemberMetadataValue = Infer<typeof ConsumerGroupMemberMetadataValue>;

export const ConsumerGroupTargetAssignmentMetadataKey = message({
  name: 'ConsumerGroupTargetAssignmentMetadataKey',
  key: 6,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    groupId: string,
  },
});
export type ConsumerGroupTargetAssignmentMetadataKey = Infer<typeof ConsumerGroupTargetAssignmentMetadataKey>;

export const ConsumerGroupTargetAssignmentMetadataValue = message({
  name: 'ConsumerGroupTargetAssignmentMetadataValue',
  key: 6,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    assignmentEpoch: int32,
    assignmentTimestamp: int64.tag(0).ignorable(),
  },
});
export type ConsumerGroupTargetAssignmentMetadataValue = Infer<typeof ConsumerGroupTargetAssignmentMetadataValue>;

export const ConsumerGroupTargetAssignmentMemberKey = message({
  name: 'ConsumerGroupTargetAssignmentMemberKey',
  key: 7,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    groupId: string,
    memberId: string,
  },
});
export type ConsumerGroupTargetAssignmentMemberKey = Infer<typeof ConsumerGroupTargetAssignmentMemberKey>;

export const ConsumerGroupTargetAssignmentMemberValue = message({
  name: 'ConsumerGroupTargetAssignmentMemberValue',
  key: 7,
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
export type ConsumerGroupTargetAssignmentMemberValue = Infer<typeof ConsumerGroupTargetAssignmentMemberValue>;

export const ConsumerGroupCurrentMemberAssignmentKey = message({
  name: 'ConsumerGroupCurrentMemberAssignmentKey',
  key: 8,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    groupId: string,
    memberId: string,
  },
});
export type ConsumerGroupCurrentMemberAssignmentKey = Infer<typeof ConsumerGroupCurrentMemberAssignmentKey>;

const topicPartitions = struct({
  topicId: uuid,
  partitions: array(int32),
  assignmentEpochs: array(int32).nullable().tag(0),
});

export const ConsumerGroupCurrentMemberAssignmentValue = message({
  name: 'ConsumerGroupCurrentMemberAssignmentValue',
  key: 8,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    memberEpoch: int32,
    previousMemberEpoch: int32,
    state: int8,
    assignedPartitions: array(topicPartitions),
    partitionsPendingRevocation: array(topicPartitions),
  },
});
export type ConsumerGroupCurrentMemberAssignmentValue = Infer<typeof ConsumerGroupCurrentMemberAssignmentValue>;

export const ConsumerGroupRegularExpressionKey = message({
  name: 'ConsumerGroupRegularExpressionKey',
  key: 16,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    groupId: string,
    regularExpression: string,
  },
});
export type ConsumerGroupRegularExpressionKey = Infer<typeof ConsumerGroupRegularExpressionKey>;

export const ConsumerGroupRegularExpressionValue = message({
  name: 'ConsumerGroupRegularExpressionValue',
  key: 16,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    topics: array(string),
    version: int64,
    timestamp: int64,
  },
});
export type ConsumerGroupRegularExpressionValue = Infer<typeof ConsumerGroupRegularExpressionValue>;
