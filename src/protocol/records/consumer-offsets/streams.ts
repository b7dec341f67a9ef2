// Streams groups (KIP-1071).
import { array, type Infer, int8, int16, int32, int64, message, string, struct, uint16 } from '../../schema.ts';

export const StreamsGroupMetadataKey = message({
  name: 'StreamsGroupMetadataKey',
  key: 17,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    groupId: string,
  },
});
export type StreamsGroupMetadataKey = Infer<typeof StreamsGroupMetadataKey>;

const lastAssignmentConfig = struct({
  key: string,
  value: string,
});

export const StreamsGroupMetadataValue = message({
  name: 'StreamsGroupMetadataValue',
  key: 17,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    epoch: int32,
    metadataHash: int64,
    validatedTopologyEpoch: int32.tag(0).or(-1),
    lastAssignmentConfigs: array(lastAssignmentConfig).nullable().tag(1),
  },
});
export type StreamsGroupMetadataValue = Infer<typeof StreamsGroupMetadataValue>;

export const StreamsGroupMemberMetadataKey = message({
  name: 'StreamsGroupMemberMetadataKey',
  key: 19,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    groupId: string,
    memberId: string,
  },
});
export type StreamsGroupMemberMetadataKey = Infer<typeof StreamsGroupMemberMetadataKey>;

const endpoint = struct({
  host: string,
  port: uint16,
});

const keyValue = struct({
  key: string,
  value: string,
});

export const StreamsGroupMemberMetadataValue = message({
  name: 'StreamsGroupMemberMetadataValue',
  key: 19,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    instanceId: string.nullable(),
    rackId: string.nullable(),
    clientId: string,
    clientHost: string,
    rebalanceTimeoutMs: int32.or(-1),
    topologyEpoch: int32,
    processId: string,
    userEndpoint: endpoint.nullable().or(null),
    clientTags: array(keyValue),
  },
});
export type StreamsGroupMemberMetadataValue = Infer<typeof StreamsGroupMemberMetadataValue>;

export const StreamsGroupTargetAssignmentMetadataKey = message({
  name: 'StreamsGroupTargetAssignmentMetadataKey',
  key: 20,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    groupId: string,
  },
});
export type StreamsGroupTargetAssignmentMetadataKey = Infer<typeof StreamsGroupTargetAssignmentMetadataKey>;

export const StreamsGroupTargetAssignmentMetadataValue = message({
  name: 'StreamsGroupTargetAssignmentMetadataValue',
  key: 20,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    assignmentEpoch: int32,
    assignmentTimestamp: int64.tag(0).ignorable(),
  },
});
export type StreamsGroupTargetAssignmentMetadataValue = Infer<typeof StreamsGroupTargetAssignmentMetadataValue>;

export const StreamsGroupTargetAssignmentMemberKey = message({
  name: 'StreamsGroupTargetAssignmentMemberKey',
  key: 21,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    groupId: string,
    memberId: string,
  },
});
export type StreamsGroupTargetAssignmentMemberKey = Infer<typeof StreamsGroupTargetAssignmentMemberKey>;

const taskIds = struct({
  subtopologyId: string,
  partitions: array(int32),
});

export const StreamsGroupTargetAssignmentMemberValue = message({
  name: 'StreamsGroupTargetAssignmentMemberValue',
  key: 21,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    activeTasks: array(taskIds),
    standbyTasks: array(taskIds),
    warmupTasks: array(taskIds),
  },
});
export type StreamsGroupTargetAssignmentMemberValue = Infer<typeof StreamsGroupTargetAssignmentMemberValue>;

export const StreamsGroupCurrentMemberAssignmentKey = message({
  name: 'StreamsGroupCurrentMemberAssignmentKey',
  key: 22,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    groupId: string,
    memberId: string,
  },
});
export type StreamsGroupCurrentMemberAssignmentKey = Infer<typeof StreamsGroupCurrentMemberAssignmentKey>;

const taskIds2 = struct({
  subtopologyId: string,
  partitions: array(int32),
  assignmentEpochs: array(int32).nullable().tag(0),
});

export const StreamsGroupCurrentMemberAssignmentValue = message({
  name: 'StreamsGroupCurrentMemberAssignmentValue',
  key: 22,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    memberEpoch: int32,
    previousMemberEpoch: int32,
    state: int8,
    activeTasks: array(taskIds2),
    standbyTasks: array(taskIds2),
    warmupTasks: array(taskIds2),
    activeTasksPendingRevocation: array(taskIds2),
    standbyTasksPendingRevocation: array(taskIds2),
    warmupTasksPendingRevocation: array(taskIds2),
  },
});
export type StreamsGroupCurrentMemberAssignmentValue = Infer<typeof StreamsGroupCurrentMemberAssignmentValue>;

export const StreamsGroupTopologyKey = message({
  name: 'StreamsGroupTopologyKey',
  key: 23,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    groupId: string,
  },
});
export type StreamsGroupTopologyKey = Infer<typeof StreamsGroupTopologyKey>;

const topicConfig = struct({
  key: string,
  value: string,
});

const topicInfo = struct({
  name: string,
  partitions: int32,
  replicationFactor: int16,
  topicConfigs: array(topicConfig),
});

export const StreamsGroupTopologyValue = message({
  name: 'StreamsGroupTopologyValue',
  key: 23,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    epoch: int32,
    subtopologies: array(
      struct({
        subtopologyId: string,
        sourceTopics: array(string),
        sourceTopicRegex: array(string),
        stateChangelogTopics: array(topicInfo),
        repartitionSinkTopics: array(string),
        repartitionSourceTopics: array(topicInfo),
        copartitionGroups: array(
          struct({
            sourceTopics: array(int16),
            sourceTopicRegex: array(int16),
            repartitionSourceTopics: array(int16),
          }),
        ),
      }),
    ),
  },
});
export type StreamsGroupTopologyValue = Infer<typeof StreamsGroupTopologyValue>;
