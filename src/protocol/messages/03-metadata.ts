// Metadata, key 3, versions 0-13.
// Brokers and where the leaders of topics are. Null topics ask for all of them; in version 0 an empty list does.
// 1: racks, controller, internal flag   2: cluster id   4: auto-creation can be declined   5: offline replicas
// 7: leader epochs   8: authorized operations
// 9: flexible   10: topic ids (KIP-516)   11: no cluster operations (moved to DescribeCluster)   12: topics by id
// 13: error code of the whole answer (KIP-1102)
import { array, bool, type Infer, int16, int32, message, string, struct, uuid } from '../schema.ts';

export const MetadataRequest = message({
  name: 'MetadataRequest',
  key: 3,
  min: 0,
  max: 13,
  flexibleFrom: 9,
  fields: {
    topics: array(
      struct({
        topicId: uuid.since(10).ignorable(),
        name: string.nullable(10),
      }),
    ).nullable(1),
    allowAutoTopicCreation: bool.since(4).or(true),
    includeClusterAuthorizedOperations: bool.since(8).until(10).or(false),
    includeTopicAuthorizedOperations: bool.since(8),
  },
});
export type MetadataRequest = Infer<typeof MetadataRequest>;

export const MetadataResponse = message({
  name: 'MetadataResponse',
  key: 3,
  min: 0,
  max: 13,
  flexibleFrom: 9,
  fields: {
    throttleTimeMs: int32.since(3).or(0).ignorable(),
    brokers: array(
      struct({
        nodeId: int32,
        host: string,
        port: int32,
        rack: string.since(1).nullable().or(null).ignorable(),
      }),
    ),
    clusterId: string.since(2).nullable().or(null).ignorable(),
    controllerId: int32.since(1).or(-1).ignorable(),
    topics: array(
      struct({
        errorCode: int16,
        name: string.nullable(12),
        topicId: uuid.since(10).ignorable(),
        isInternal: bool.since(1).or(false).ignorable(),
        partitions: array(
          struct({
            errorCode: int16,
            partitionIndex: int32,
            leaderId: int32,
            leaderEpoch: int32.since(7).or(-1).ignorable(),
            replicaNodes: array(int32),
            isrNodes: array(int32),
            offlineReplicas: array(int32).since(5).ignorable(),
          }),
        ),
        topicAuthorizedOperations: int32.since(8).or(-0x8000_0000),
      }),
    ),
    clusterAuthorizedOperations: int32.since(8).until(10).or(-0x8000_0000),
    errorCode: int16.since(13).ignorable(),
  },
});
export type MetadataResponse = Infer<typeof MetadataResponse>;
