// Committed offsets and classic groups. The keys of types 0 and 1 mean the same; 0 is only read.
import { array, bytes, type Infer, int32, int64, message, string, struct, uuid } from '../../schema.ts';

/** Written by very old brokers; otherwise the same as type 1. */
export const LegacyOffsetCommitKey = message({
  name: 'LegacyOffsetCommitKey',
  key: 0,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    group: string,
    topic: string,
    partition: int32,
  },
});
export type LegacyOffsetCommitKey = Infer<typeof LegacyOffsetCommitKey>;

export const LegacyOffsetCommitValue = message({
  name: 'LegacyOffsetCommitValue',
  key: 0,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    offset: int64,
    metadata: string,
    commitTimestamp: int64,
  },
});
export type LegacyOffsetCommitValue = Infer<typeof LegacyOffsetCommitValue>;

export const OffsetCommitKey = message({
  name: 'OffsetCommitKey',
  key: 1,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    group: string,
    topic: string,
    partition: int32,
  },
});
export type OffsetCommitKey = Infer<typeof OffsetCommitKey>;

export const OffsetCommitValue = message({
  name: 'OffsetCommitValue',
  key: 1,
  min: 0,
  max: 4,
  flexibleFrom: 4,
  fields: {
    offset: int64,
    leaderEpoch: int32.since(3).or(-1).ignorable(),
    metadata: string,
    commitTimestamp: int64,
    expireTimestamp: int64.since(1).until(1).or(-1n).ignorable(),
    topicId: uuid.since(4).tag(0).ignorable(),
  },
});
export type OffsetCommitValue = Infer<typeof OffsetCommitValue>;

export const GroupMetadataKey = message({
  name: 'GroupMetadataKey',
  key: 2,
  min: 0,
  max: 0,
  flexibleFrom: Infinity,
  fields: {
    group: string,
  },
});
export type GroupMetadataKey = Infer<typeof GroupMetadataKey>;

const memberMetadata = struct({
  memberId: string,
  groupInstanceId: string.since(3).nullable().or(null).ignorable(),
  clientId: string,
  clientHost: string,
  rebalanceTimeout: int32.since(1).or(-1).ignorable(),
  sessionTimeout: int32,
  subscription: bytes,
  assignment: bytes,
});

/** A classic group in a stable state, with its members and their assignments. */
export const GroupMetadataValue = message({
  name: 'GroupMetadataValue',
  key: 2,
  min: 0,
  max: 4,
  flexibleFrom: 4,
  fields: {
    protocolType: string,
    generation: int32,
    protocol: string.nullable(),
    leader: string.nullable(),
    currentStateTimestamp: int64.since(2).or(-1n).ignorable(),
    members: array(memberMetadata),
  },
});
export type GroupMetadataValue = Infer<typeof GroupMetadataValue>;
