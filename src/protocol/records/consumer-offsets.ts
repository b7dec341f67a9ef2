// Records of __consumer_offsets: all kinds of 4.3, by the number in front of their key.
import * as classic from './consumer-offsets/classic.ts';
import * as consumer from './consumer-offsets/consumer.ts';
import * as share from './consumer-offsets/share.ts';
import * as streams from './consumer-offsets/streams.ts';
import { type CoordinatorRecord, type CoordinatorRecordInit, coordinatorCodec } from './coordinator.ts';

export const consumerOffsetsRecords = {
  legacyOffsetCommit: { key: classic.LegacyOffsetCommitKey, value: classic.LegacyOffsetCommitValue },
  offsetCommit: { key: classic.OffsetCommitKey, value: classic.OffsetCommitValue },
  groupMetadata: { key: classic.GroupMetadataKey, value: classic.GroupMetadataValue },
  consumerGroupMetadata: { key: consumer.ConsumerGroupMetadataKey, value: consumer.ConsumerGroupMetadataValue },
  consumerGroupPartitionMetadata: {
    key: consumer.ConsumerGroupPartitionMetadataKey,
    value: consumer.ConsumerGroupPartitionMetadataValue,
  },
  consumerGroupMemberMetadata: {
    key: consumer.ConsumerGroupMemberMetadataKey,
    value: consumer.ConsumerGroupMemberMetadataValue,
  },
  consumerGroupTargetAssignmentMetadata: {
    key: consumer.ConsumerGroupTargetAssignmentMetadataKey,
    value: consumer.ConsumerGroupTargetAssignmentMetadataValue,
  },
  consumerGroupTargetAssignmentMember: {
    key: consumer.ConsumerGroupTargetAssignmentMemberKey,
    value: consumer.ConsumerGroupTargetAssignmentMemberValue,
  },
  consumerGroupCurrentMemberAssignment: {
    key: consumer.ConsumerGroupCurrentMemberAssignmentKey,
    value: consumer.ConsumerGroupCurrentMemberAssignmentValue,
  },
  consumerGroupRegularExpression: {
    key: consumer.ConsumerGroupRegularExpressionKey,
    value: consumer.ConsumerGroupRegularExpressionValue,
  },
  shareGroupMemberMetadata: { key: share.ShareGroupMemberMetadataKey, value: share.ShareGroupMemberMetadataValue },
  shareGroupMetadata: { key: share.ShareGroupMetadataKey, value: share.ShareGroupMetadataValue },
  shareGroupTargetAssignmentMetadata: {
    key: share.ShareGroupTargetAssignmentMetadataKey,
    value: share.ShareGroupTargetAssignmentMetadataValue,
  },
  shareGroupTargetAssignmentMember: {
    key: share.ShareGroupTargetAssignmentMemberKey,
    value: share.ShareGroupTargetAssignmentMemberValue,
  },
  shareGroupCurrentMemberAssignment: {
    key: share.ShareGroupCurrentMemberAssignmentKey,
    value: share.ShareGroupCurrentMemberAssignmentValue,
  },
  shareGroupStatePartitionMetadata: {
    key: share.ShareGroupStatePartitionMetadataKey,
    value: share.ShareGroupStatePartitionMetadataValue,
  },
  streamsGroupMetadata: { key: streams.StreamsGroupMetadataKey, value: streams.StreamsGroupMetadataValue },
  streamsGroupMemberMetadata: {
    key: streams.StreamsGroupMemberMetadataKey,
    value: streams.StreamsGroupMemberMetadataValue,
  },
  streamsGroupTargetAssignmentMetadata: {
    key: streams.StreamsGroupTargetAssignmentMetadataKey,
    value: streams.StreamsGroupTargetAssignmentMetadataValue,
  },
  streamsGroupTargetAssignmentMember: {
    key: streams.StreamsGroupTargetAssignmentMemberKey,
    value: streams.StreamsGroupTargetAssignmentMemberValue,
  },
  streamsGroupCurrentMemberAssignment: {
    key: streams.StreamsGroupCurrentMemberAssignmentKey,
    value: streams.StreamsGroupCurrentMemberAssignmentValue,
  },
  streamsGroupTopology: { key: streams.StreamsGroupTopologyKey, value: streams.StreamsGroupTopologyValue },
} as const;

export type ConsumerOffsetsRecord = CoordinatorRecord<typeof consumerOffsetsRecords>;
export type ConsumerOffsetsRecordInit = CoordinatorRecordInit<typeof consumerOffsetsRecords>;

export const consumerOffsetsCodec = coordinatorCodec(consumerOffsetsRecords);
