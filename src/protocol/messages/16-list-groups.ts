// ListGroups, key 16, versions 0-5.
// The groups that this broker coordinates.
// 3: flexible   4: filter by state (KIP-518)   5: filter by type (KIP-848)
import { array, type Infer, int16, int32, message, string, struct } from '../schema.ts';

export const ListGroupsRequest = message({
  name: 'ListGroupsRequest',
  key: 16,
  min: 0,
  max: 5,
  flexibleFrom: 3,
  fields: {
    statesFilter: array(string).since(4),
    typesFilter: array(string).since(5),
  },
});
export type ListGroupsRequest = Infer<typeof ListGroupsRequest>;

export const ListGroupsResponse = message({
  name: 'ListGroupsResponse',
  key: 16,
  min: 0,
  max: 5,
  flexibleFrom: 3,
  fields: {
    throttleTimeMs: int32.since(1).or(0).ignorable(),
    errorCode: int16,
    groups: array(
      struct({
        groupId: string,
        protocolType: string,
        groupState: string.since(4).ignorable(),
        groupType: string.since(5).ignorable(),
      }),
    ),
  },
});
export type ListGroupsResponse = Infer<typeof ListGroupsResponse>;
