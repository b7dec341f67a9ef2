// Fetch, key 1, versions 4-18.
// Ranges of whole record batches, long-polled. The data plane answers it; on the controller listener it is a Raft message.
// 4: isolation level   5: log start offset   7: incremental sessions (KIP-227)   9: leader epochs (KIP-320)   10: zstd
// 11: rack (KIP-392)
// 12: flexible, diverging epoch for Raft   13: topic ids (KIP-516)   15: replica state (KIP-903)
// 16: node endpoints (KIP-951)   17: replica directory id   18: high watermark of the fetcher
import { array, type Infer, int8, int16, int32, int64, message, records, string, struct, uuid } from '../schema.ts';

export const FetchRequest = message({
  name: 'FetchRequest',
  key: 1,
  min: 4,
  max: 18,
  flexibleFrom: 12,
  fields: {
    clusterId: string.since(12).nullable().tag(0).or(null).ignorable(),
    replicaId: int32.until(14).or(-1),
    replicaState: struct({
      replicaId: int32.or(-1),
      replicaEpoch: int64.or(-1n),
    })
      .since(15)
      .tag(1),
    maxWaitMs: int32,
    minBytes: int32,
    maxBytes: int32.or(0x7fff_ffff).ignorable(),
    isolationLevel: int8.or(0).ignorable(),
    sessionId: int32.since(7).or(0).ignorable(),
    sessionEpoch: int32.since(7).or(-1).ignorable(),
    topics: array(
      struct({
        topic: string.until(12).or('').ignorable(),
        topicId: uuid.since(13).ignorable(),
        partitions: array(
          struct({
            partition: int32,
            currentLeaderEpoch: int32.since(9).or(-1).ignorable(),
            fetchOffset: int64,
            lastFetchedEpoch: int32.since(12).or(-1),
            logStartOffset: int64.since(5).or(-1n).ignorable(),
            partitionMaxBytes: int32,
            replicaDirectoryId: uuid.since(17).tag(0).ignorable(),
            highWatermark: int64.since(18).tag(1).or(0x7fff_ffff_ffff_ffffn).ignorable(),
          }),
        ),
      }),
    ),
    forgottenTopicsData: array(
      struct({
        topic: string.until(12).or('').ignorable(),
        topicId: uuid.since(13).ignorable(),
        partitions: array(int32),
      }),
    ).since(7),
    rackId: string.since(11).or('').ignorable(),
  },
});
export type FetchRequest = Infer<typeof FetchRequest>;

export const FetchResponse = message({
  name: 'FetchResponse',
  key: 1,
  min: 4,
  max: 18,
  flexibleFrom: 12,
  fields: {
    throttleTimeMs: int32.or(0).ignorable(),
    errorCode: int16.since(7).ignorable(),
    sessionId: int32.since(7).or(0),
    responses: array(
      struct({
        topic: string.until(12).or('').ignorable(),
        topicId: uuid.since(13).ignorable(),
        partitions: array(
          struct({
            partitionIndex: int32,
            errorCode: int16,
            highWatermark: int64,
            lastStableOffset: int64.or(-1n).ignorable(),
            logStartOffset: int64.since(5).or(-1n).ignorable(),
            divergingEpoch: struct({
              epoch: int32.or(-1),
              endOffset: int64.or(-1n),
            })
              .since(12)
              .tag(0),
            currentLeader: struct({
              leaderId: int32.or(-1),
              leaderEpoch: int32.or(-1),
            })
              .since(12)
              .tag(1),
            snapshotId: struct({
              endOffset: int64.or(-1n),
              epoch: int32.or(-1),
            })
              .since(12)
              .tag(2),
            abortedTransactions: array(
              struct({
                producerId: int64,
                firstOffset: int64,
              }),
            )
              .nullable()
              .ignorable(),
            preferredReadReplica: int32.since(11).or(-1),
            records: records.nullable(),
          }),
        ),
      }),
    ),
    nodeEndpoints: array(
      struct({
        nodeId: int32,
        host: string,
        port: int32,
        rack: string.nullable().or(null),
      }),
    )
      .since(16)
      .tag(0),
  },
});
export type FetchResponse = Infer<typeof FetchResponse>;
