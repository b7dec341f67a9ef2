// OffsetCommit, key 8, versions 2-10.
// Offsets that a group has consumed, written to __consumer_offsets.
// 2: retention time, until 4   3: throttle time   6: leader epochs (KIP-320)   7: static members (KIP-345)
// 8: flexible   9: member epochs of KIP-848   10: topic ids
import { array, type Infer, int16, int32, int64, message, string, struct, uuid } from '../schema.ts';

export const OffsetCommitRequest = message({
  name: 'OffsetCommitRequest',
  key: 8,
  min: 2,
  max: 10,
  flexibleFrom: 8,
  fields: {
    groupId: string,
    generationIdOrMemberEpoch: int32.or(-1).ignorable(),
    memberId: string.ignorable(),
    groupInstanceId: string.since(7).nullable().or(null),
    retentionTimeMs: int64.until(4).or(-1n).ignorable(),
    topics: array(
      struct({
        name: string.until(9).or('').ignorable(),
        topicId: uuid.since(10).ignorable(),
        partitions: array(
          struct({
            partitionIndex: int32,
            committedOffset: int64,
            committedLeaderEpoch: int32.since(6).or(-1).ignorable(),
            committedMetadata: string.nullable(),
          }),
        ),
      }),
    ),
  },
});
export type OffsetCommitRequest = Infer<typeof OffsetCommitRequest>;

export const OffsetCommitResponse = message({
  name: 'OffsetCommitResponse',
  key: 8,
  min: 2,
  max: 10,
  flexibleFrom: 8,
  fields: {
    throttleTimeMs: int32.since(3).or(0).ignorable(),
    topics: array(
      struct({
        name: string.until(9).or('').ignorable(),
        topicId: uuid.since(10).ignorable(),
        partitions: array(
          struct({
            partitionIndex: int32,
            errorCode: int16,
          }),
        ),
      }),
    ),
  },
});
export type OffsetCommitResponse = Infer<typeof OffsetCommitResponse>;
