// DeleteGroups, key 42, versions 0-2.
// 2: flexible
import { array, type Infer, int16, int32, message, string, struct } from '../schema.ts';

export const DeleteGroupsRequest = message({
  name: 'DeleteGroupsRequest',
  key: 42,
  min: 0,
  max: 2,
  flexibleFrom: 2,
  fields: {
    groupsNames: array(string),
  },
});
export type DeleteGroupsRequest = Infer<typeof DeleteGroupsRequest>;

export const DeleteGroupsResponse = message({
  name: 'DeleteGroupsResponse',
  key: 42,
  min: 0,
  max: 2,
  flexibleFrom: 2,
  fields: {
    throttleTimeMs: int32.or(0),
    results: array(
      struct({
        groupId: string,
        errorCode: int16,
      }),
    ),
  },
});
export type DeleteGroupsResponse = Infer<typeof DeleteGroupsResponse>;
