// OffsetForLeaderEpoch, key 23, versions 2-4.
// Where a leader epoch ended: how truncation is found (KIP-101, KIP-320).
// 2: current leader epoch   3: replica id   4: flexible
import { array, type Infer, int16, int32, int64, message, string, struct } from '../schema.ts';

export const OffsetForLeaderEpochRequest = message({
  name: 'OffsetForLeaderEpochRequest',
  key: 23,
  min: 2,
  max: 4,
  flexibleFrom: 4,
  fields: {
    replicaId: int32.since(3).or(-2).ignorable(),
    topics: array(
      struct({
        topic: string,
        partitions: array(
          struct({
            partition: int32,
            currentLeaderEpoch: int32.or(-1).ignorable(),
            leaderEpoch: int32,
          }),
        ),
      }),
    ),
  },
});
export type OffsetForLeaderEpochRequest = Infer<typeof OffsetForLeaderEpochRequest>;

export const OffsetForLeaderEpochResponse = message({
  name: 'OffsetForLeaderEpochResponse',
  key: 23,
  min: 2,
  max: 4,
  flexibleFrom: 4,
  fields: {
    throttleTimeMs: int32.or(0).ignorable(),
    topics: array(
      struct({
        topic: string,
        partitions: array(
          struct({
            errorCode: int16,
            partition: int32,
            leaderEpoch: int32.or(-1).ignorable(),
            endOffset: int64.or(-1n),
          }),
        ),
      }),
    ),
  },
});
export type OffsetForLeaderEpochResponse = Infer<typeof OffsetForLeaderEpochResponse>;
