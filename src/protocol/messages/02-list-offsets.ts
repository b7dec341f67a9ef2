// ListOffsets, key 2, versions 1-11.
// Offset by timestamp; negative timestamps name positions: -1 latest, -2 earliest, -3 of the largest timestamp,
// -4 earliest local, -5 latest tiered, -6 earliest not yet uploaded.
// 1: one offset per partition   2: isolation level   4: leader epochs (KIP-320)   6: flexible   7: -3 (KIP-734)
// 8: -4 (KIP-405)   9: -5 (KIP-1005)   10: timeout   11: -6 (KIP-1023)
import { array, type Infer, int8, int16, int32, int64, message, string, struct } from '../schema.ts';

export const ListOffsetsRequest = message({
  name: 'ListOffsetsRequest',
  key: 2,
  min: 1,
  max: 11,
  flexibleFrom: 6,
  fields: {
    replicaId: int32,
    isolationLevel: int8.since(2),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partitionIndex: int32,
            currentLeaderEpoch: int32.since(4).or(-1).ignorable(),
            timestamp: int64,
          }),
        ),
      }),
    ),
    timeoutMs: int32.since(10).ignorable(),
  },
});
export type ListOffsetsRequest = Infer<typeof ListOffsetsRequest>;

export const ListOffsetsResponse = message({
  name: 'ListOffsetsResponse',
  key: 2,
  min: 1,
  max: 11,
  flexibleFrom: 6,
  fields: {
    throttleTimeMs: int32.since(2).or(0).ignorable(),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partitionIndex: int32,
            errorCode: int16,
            timestamp: int64.or(-1n),
            offset: int64.or(-1n),
            leaderEpoch: int32.since(4).or(-1),
          }),
        ),
      }),
    ),
  },
});
export type ListOffsetsResponse = Infer<typeof ListOffsetsResponse>;
