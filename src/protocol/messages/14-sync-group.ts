// SyncGroup, key 14, versions 0-5.
// Second half of a classic rebalance: the leader hands in assignments, everyone receives theirs.
// 3: static members (KIP-345)   4: flexible   5: protocol type and name, checked by the coordinator (KIP-559)
import { array, bytes, type Infer, int16, int32, message, string, struct } from '../schema.ts';

export const SyncGroupRequest = message({
  name: 'SyncGroupRequest',
  key: 14,
  min: 0,
  max: 5,
  flexibleFrom: 4,
  fields: {
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: string.since(3).nullable().or(null),
    protocolType: string.since(5).nullable().or(null).ignorable(),
    protocolName: string.since(5).nullable().or(null).ignorable(),
    assignments: array(
      struct({
        memberId: string,
        assignment: bytes,
      }),
    ),
  },
});
export type SyncGroupRequest = Infer<typeof SyncGroupRequest>;

export const SyncGroupResponse = message({
  name: 'SyncGroupResponse',
  key: 14,
  min: 0,
  max: 5,
  flexibleFrom: 4,
  fields: {
    throttleTimeMs: int32.since(1).or(0).ignorable(),
    errorCode: int16,
    protocolType: string.since(5).nullable().or(null).ignorable(),
    protocolName: string.since(5).nullable().or(null).ignorable(),
    assignment: bytes,
  },
});
export type SyncGroupResponse = Infer<typeof SyncGroupResponse>;
