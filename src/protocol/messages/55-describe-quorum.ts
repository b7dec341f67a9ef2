// DescribeQuorum, key 55, versions 0-2.
// The metadata quorum as its leader sees it (KIP-595).
// 1: fetch and catch-up times   2: directory ids, listeners and messages (KIP-853)
import { array, type Infer, int16, int32, int64, message, string, struct, uint16, uuid } from '../schema.ts';

export const DescribeQuorumRequest = message({
  name: 'DescribeQuorumRequest',
  key: 55,
  min: 0,
  max: 2,
  flexibleFrom: 0,
  fields: {
    topics: array(
      struct({
        topicName: string,
        partitions: array(
          struct({
            partitionIndex: int32,
          }),
        ),
      }),
    ),
  },
});
export type DescribeQuorumRequest = Infer<typeof DescribeQuorumRequest>;

const replicaState = struct({
  replicaId: int32,
  replicaDirectoryId: uuid.since(2),
  logEndOffset: int64,
  lastFetchTimestamp: int64.since(1).or(-1n).ignorable(),
  lastCaughtUpTimestamp: int64.since(1).or(-1n).ignorable(),
});

export const DescribeQuorumResponse = message({
  name: 'DescribeQuorumResponse',
  key: 55,
  min: 0,
  max: 2,
  flexibleFrom: 0,
  fields: {
    errorCode: int16,
    errorMessage: string.since(2).nullable().ignorable(),
    topics: array(
      struct({
        topicName: string,
        partitions: array(
          struct({
            partitionIndex: int32,
            errorCode: int16,
            errorMessage: string.since(2).nullable().ignorable(),
            leaderId: int32,
            leaderEpoch: int32,
            highWatermark: int64,
            currentVoters: array(replicaState),
            observers: array(replicaState),
          }),
        ),
      }),
    ),
    nodes: array(
      struct({
        nodeId: int32,
        listeners: array(
          struct({
            name: string,
            host: string,
            port: uint16,
          }),
        ),
      }),
    ).since(2),
  },
});
export type DescribeQuorumResponse = Infer<typeof DescribeQuorumResponse>;
