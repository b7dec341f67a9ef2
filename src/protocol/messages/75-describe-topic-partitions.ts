// DescribeTopicPartitions, key 75, versions 0.
// Topics with their eligible leader replicas, page by page (KIP-966).
import { array, bool, type Infer, int16, int32, message, string, struct, uuid } from '../schema.ts';

export const DescribeTopicPartitionsRequest = message({
  name: 'DescribeTopicPartitionsRequest',
  key: 75,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    topics: array(
      struct({
        name: string,
      }),
    ),
    responsePartitionLimit: int32.or(2000),
    cursor: struct({
      topicName: string,
      partitionIndex: int32,
    })
      .nullable()
      .or(null),
  },
});
export type DescribeTopicPartitionsRequest = Infer<typeof DescribeTopicPartitionsRequest>;

export const DescribeTopicPartitionsResponse = message({
  name: 'DescribeTopicPartitionsResponse',
  key: 75,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    throttleTimeMs: int32.or(0).ignorable(),
    topics: array(
      struct({
        errorCode: int16,
        name: string.nullable(),
        topicId: uuid.ignorable(),
        isInternal: bool.or(false).ignorable(),
        partitions: array(
          struct({
            errorCode: int16,
            partitionIndex: int32,
            leaderId: int32,
            leaderEpoch: int32.or(-1).ignorable(),
            replicaNodes: array(int32),
            isrNodes: array(int32),
            eligibleLeaderReplicas: array(int32).nullable().or(null),
            lastKnownElr: array(int32).nullable().or(null),
            offlineReplicas: array(int32).ignorable(),
          }),
        ),
        topicAuthorizedOperations: int32.or(-0x8000_0000),
      }),
    ),
    nextCursor: struct({
      topicName: string,
      partitionIndex: int32,
    })
      .nullable()
      .or(null),
  },
});
export type DescribeTopicPartitionsResponse = Infer<typeof DescribeTopicPartitionsResponse>;
