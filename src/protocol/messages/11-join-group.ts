// JoinGroup, key 11, versions 0-9.
// First half of a classic rebalance: all members propose protocols, one becomes the leader and receives the others.
// 1: rebalance timeout   4: members are told their id first (KIP-394)   5: static members (KIP-345)   6: flexible
// 7: protocol type   8: reason (KIP-800)   9: the leader may be told to skip assignment (KIP-814)
import { array, bool, bytes, type Infer, int16, int32, message, string, struct } from '../schema.ts';

export const JoinGroupRequest = message({
  name: 'JoinGroupRequest',
  key: 11,
  min: 0,
  max: 9,
  flexibleFrom: 6,
  fields: {
    groupId: string,
    sessionTimeoutMs: int32,
    rebalanceTimeoutMs: int32.since(1).or(-1).ignorable(),
    memberId: string,
    groupInstanceId: string.since(5).nullable().or(null),
    protocolType: string,
    protocols: array(
      struct({
        name: string,
        metadata: bytes,
      }),
    ),
    reason: string.since(8).nullable().or(null).ignorable(),
  },
});
export type JoinGroupRequest = Infer<typeof JoinGroupRequest>;

export const JoinGroupResponse = message({
  name: 'JoinGroupResponse',
  key: 11,
  min: 0,
  max: 9,
  flexibleFrom: 6,
  fields: {
    throttleTimeMs: int32.since(2).or(0).ignorable(),
    errorCode: int16,
    generationId: int32.or(-1),
    protocolType: string.since(7).nullable().or(null).ignorable(),
    protocolName: string.nullable(7),
    leader: string,
    skipAssignment: bool.since(9).or(false),
    memberId: string,
    members: array(
      struct({
        memberId: string,
        groupInstanceId: string.since(5).nullable().or(null).ignorable(),
        metadata: bytes,
      }),
    ),
  },
});
export type JoinGroupResponse = Infer<typeof JoinGroupResponse>;
