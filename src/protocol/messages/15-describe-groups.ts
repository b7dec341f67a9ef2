// DescribeGroups, key 15, versions 0-6.
// State and members of classic groups.
// 3: authorized operations   4: static members (KIP-345)   5: flexible
// 6: unknown groups are an error with a message (KIP-1043)
import { array, bool, bytes, type Infer, int16, int32, message, string, struct } from '../schema.ts';

export const DescribeGroupsRequest = message({
  name: 'DescribeGroupsRequest',
  key: 15,
  min: 0,
  max: 6,
  flexibleFrom: 5,
  fields: {
    groups: array(string),
    includeAuthorizedOperations: bool.since(3),
  },
});
export type DescribeGroupsRequest = Infer<typeof DescribeGroupsRequest>;

export const DescribeGroupsResponse = message({
  name: 'DescribeGroupsResponse',
  key: 15,
  min: 0,
  max: 6,
  flexibleFrom: 5,
  fields: {
    throttleTimeMs: int32.since(1).or(0).ignorable(),
    groups: array(
      struct({
        errorCode: int16,
        errorMessage: string.since(6).nullable().or(null),
        groupId: string,
        groupState: string,
        protocolType: string,
        protocolData: string,
        members: array(
          struct({
            memberId: string,
            groupInstanceId: string.since(4).nullable().or(null).ignorable(),
            clientId: string,
            clientHost: string,
            memberMetadata: bytes,
            memberAssignment: bytes,
          }),
        ),
        authorizedOperations: int32.since(3).or(-0x8000_0000),
      }),
    ),
  },
});
export type DescribeGroupsResponse = Infer<typeof DescribeGroupsResponse>;
