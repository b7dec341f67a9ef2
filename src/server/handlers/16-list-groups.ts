// ListGroups, key 16, versions 0-5. The groups of this broker, by state and by type. A filter that names nothing known
// lets nothing through; case does not matter.
import { isRefusal } from '../../base/result.ts';
import type { ListedGroup } from '../../core/group/asks.ts';
import { errorCode } from '../../protocol/errors.ts';
import { ListGroupsRequest, ListGroupsResponse } from '../../protocol/messages/16-list-groups.ts';
import { type ServedApi, serve } from '../api.ts';
import type { Services } from '../services.ts';

export function listGroups({ groups }: Services): ServedApi {
  return serve({
    request: ListGroupsRequest,
    response: ListGroupsResponse,

    handle(request) {
      const listed = groups.list();
      if (isRefusal(listed)) return listed;
      const passes = filter(request);
      return {
        errorCode: errorCode.NONE,
        groups: listed.filter(passes).map(({ groupId, protocolType, state, type }) => ({
          groupId,
          protocolType,
          groupState: state,
          groupType: type,
        })),
      };
    },

    refused: refusal => ({ errorCode: errorCode[refusal.refused], groups: [] }),
  });
}

function filter({ statesFilter, typesFilter }: ListGroupsRequest): (group: ListedGroup) => boolean {
  const states = new Set(statesFilter.map(state => state.trim().toLowerCase()));
  const types = new Set(typesFilter.map(type => type.toLowerCase()));
  return ({ state, type }) =>
    (states.size === 0 || states.has(state.toLowerCase())) && (types.size === 0 || types.has(type.toLowerCase()));
}
