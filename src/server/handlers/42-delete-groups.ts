// DeleteGroups, key 42, versions 0-2. Groups without members, with all their offsets.
import { errorCode } from '../../protocol/errors.ts';
import { DeleteGroupsRequest, DeleteGroupsResponse } from '../../protocol/messages/42-delete-groups.ts';
import { type ServedApi, serve } from '../api.ts';
import type { Services } from '../services.ts';

export function deleteGroups({ groups }: Services): ServedApi {
  return serve({
    request: DeleteGroupsRequest,
    response: DeleteGroupsResponse,

    async handle({ groupsNames }) {
      const errors = await groups.deleteGroups(groupsNames);
      return { results: [...errors].map(([groupId, error]) => ({ groupId, errorCode: errorCode[error] })) };
    },

    refused: (refusal, { groupsNames }) => ({
      results: [...new Set(groupsNames)].map(groupId => ({ groupId, errorCode: errorCode[refusal.refused] })),
    }),
  });
}
