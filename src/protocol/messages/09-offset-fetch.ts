// OffsetFetch, key 9, versions 1-10.
// Committed offsets of one group, since 8 of several. Null topics ask for all.
// 1: from __consumer_offsets   2: all topics, error code   3: throttle time   5: leader epochs   6: flexible
// 7: wait for open transactions (KIP-447)   8: several groups (KIP-709)   9: member epochs   10: topic ids
import { array, bool, type Infer, int16, int32, int64, message, string, struct, uuid } from '../schema.ts';

export const OffsetFetchRequest = message({
  name: 'OffsetFetchRequest',
  key: 9,
  min: 1,
  max: 10,
  flexibleFrom: 6,
  fields: {
    groupId: string.until(7).or(''),
    topics: array(
      struct({
        name: string,
        partitionIndexes: array(int32),
      }),
    )
      .until(7)
      .nullable(2)
      .or([]),
    groups: array(
      struct({
        groupId: string,
        memberId: string.since(9).nullable().or(null).ignorable(),
        memberEpoch: int32.since(9).or(-1).ignorable(),
        topics: array(
          struct({
            name: string.until(9).or('').ignorable(),
            topicId: uuid.since(10).ignorable(),
            partitionIndexes: array(int32),
          }),
        ).nullable(),
      }),
    ).since(8),
    requireStable: bool.since(7).or(false),
  },
});
export type OffsetFetchRequest = Infer<typeof OffsetFetchRequest>;

export const OffsetFetchResponse = message({
  name: 'OffsetFetchResponse',
  key: 9,
  min: 1,
  max: 10,
  flexibleFrom: 6,
  fields: {
    throttleTimeMs: int32.since(3).or(0).ignorable(),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partitionIndex: int32,
            committedOffset: int64,
            committedLeaderEpoch: int32.since(5).or(-1).ignorable(),
            metadata: string.nullable(),
            errorCode: int16,
          }),
        ),
      }),
    )
      .until(7)
      .or([]),
    errorCode: int16.since(2).until(7).or(0).ignorable(),
    groups: array(
      struct({
        groupId: string,
        topics: array(
          struct({
            name: string.until(9).or('').ignorable(),
            topicId: uuid.since(10).ignorable(),
            partitions: array(
              struct({
                partitionIndex: int32,
                committedOffset: int64,
                committedLeaderEpoch: int32.or(-1).ignorable(),
                metadata: string.nullable(),
                errorCode: int16,
              }),
            ),
          }),
        ),
        errorCode: int16.or(0),
      }),
    ).since(8),
  },
});
export type OffsetFetchResponse = Infer<typeof OffsetFetchResponse>;
