// DescribeGroups, key 15, versions 0-6. State and members of classic groups. A group that is not there is "Dead" without
// an error until version 5, and an error from 6 on (KIP-1043).
import type { DescribedGroup } from '../../core/group/asks.ts';
import { errorCode } from '../../protocol/errors.ts';
import { DescribeGroupsRequest, DescribeGroupsResponse } from '../../protocol/messages/15-describe-groups.ts';
import { type ServedApi, serve } from '../api.ts';
import { groupOperations, operationsNotAsked } from '../authorized-operations.ts';
import type { Services } from '../services.ts';

const firstWithOperations = 3;
const firstWithNotFound = 6;

export function describeGroups({ groups }: Services): ServedApi {
  return serve({
    request: DescribeGroupsRequest,
    response: DescribeGroupsResponse,

    handle(request, { version }) {
      const withOperations = version >= firstWithOperations && request.includeAuthorizedOperations;
      return {
        groups: request.groups.map(groupId => described(groups.describe(groupId), version, withOperations)),
      };
    },

    refused: (refusal, request) => ({
      groups: request.groups.map(groupId => ({
        errorCode: errorCode[refusal.refused],
        groupId,
        groupState: '',
        protocolType: '',
        protocolData: '',
        members: [],
      })),
    }),
  });
}

function described(group: DescribedGroup, version: number, withOperations: boolean) {
  const isMissing = group.error === 'GROUP_ID_NOT_FOUND';
  const error = isMissing && version < firstWithNotFound ? 'NONE' : group.error;
  return {
    errorCode: errorCode[error],
    errorMessage: version >= firstWithNotFound ? group.message : null,
    groupId: group.groupId,
    groupState: group.state,
    protocolType: group.protocolType,
    protocolData: group.protocol,
    members: group.members.map(({ metadata, assignment, ...member }) => ({
      ...member,
      memberMetadata: metadata,
      memberAssignment: assignment,
    })),
    ...(version >= firstWithOperations
      ? { authorizedOperations: withOperations && error === 'NONE' ? groupOperations : operationsNotAsked }
      : {}),
  };
}
