// LeaveGroup, key 13, versions 0-5.
// Members leave a classic group.
// 3: several members, static ones by instance id (KIP-345)   4: flexible   5: reason (KIP-800)
import { array, type Infer, int16, int32, message, string, struct } from '../schema.ts';

export const LeaveGroupRequest = message({
  name: 'LeaveGroupRequest',
  key: 13,
  min: 0,
  max: 5,
  flexibleFrom: 4,
  fields: {
    groupId: string,
    memberId: string.until(2).or(''),
    members: array(
      struct({
        memberId: string,
        groupInstanceId: string.nullable().or(null),
        reason: string.since(5).nullable().or(null).ignorable(),
      }),
    ).since(3),
  },
});
export type LeaveGroupRequest = Infer<typeof LeaveGroupRequest>;

export const LeaveGroupResponse = message({
  name: 'LeaveGroupResponse',
  key: 13,
  min: 0,
  max: 5,
  flexibleFrom: 4,
  fields: {
    throttleTimeMs: int32.since(1).or(0).ignorable(),
    errorCode: int16,
    members: array(
      struct({
        memberId: string,
        groupInstanceId: string.nullable(),
        errorCode: int16,
      }),
    ).since(3),
  },
});
export type LeaveGroupResponse = Infer<typeof LeaveGroupResponse>;
