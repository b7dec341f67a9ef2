// JoinGroup, key 11, versions 0-9. The answer comes when the rebalance it asks for has all its members.
import { isRefusal } from '../../base/result.ts';
import type { JoinReply } from '../../core/group/asks.ts';
import { errorCode } from '../../protocol/errors.ts';
import { JoinGroupRequest, JoinGroupResponse } from '../../protocol/messages/11-join-group.ts';
import { type ServedApi, serve } from '../api.ts';
import { clientOf } from '../client-identity.ts';
import { failedJoin } from '../group-coordinator.ts';
import type { Services } from '../services.ts';

const firstWithRebalanceTimeout = 1;
const firstWithKnownMemberIds = 4;
const firstWithNullableProtocol = 7;
const firstWithSkippedAssignment = 9;

export function joinGroup({ groups }: Services): ServedApi {
  return serve({
    request: JoinGroupRequest,
    response: JoinGroupResponse,

    async handle(request, context) {
      const { version } = context;
      const reply = await groups.join({
        ...clientOf(context),
        groupId: request.groupId,
        memberId: request.memberId,
        groupInstanceId: request.groupInstanceId,
        sessionTimeoutMs: request.sessionTimeoutMs,
        rebalanceTimeoutMs:
          version >= firstWithRebalanceTimeout ? request.rebalanceTimeoutMs : request.sessionTimeoutMs,
        protocolType: request.protocolType,
        protocols: request.protocols,
        requiresKnownMemberId: version >= firstWithKnownMemberIds,
        supportsSkippingAssignment: version >= firstWithSkippedAssignment,
        reason: request.reason,
      });
      return isRefusal(reply) ? reply : answer(reply, version);
    },

    refused: (refusal, _request, { version }) => answer(failedJoin(refusal.refused), version),
  });
}

/** No protocol is null where the wire has null, and '' before. */
const answer = (reply: JoinReply, version: number) => ({
  errorCode: errorCode[reply.error],
  generationId: reply.generationId,
  protocolType: reply.protocolType,
  protocolName: version >= firstWithNullableProtocol ? reply.protocolName || null : (reply.protocolName ?? ''),
  leader: reply.leader,
  skipAssignment: reply.skipAssignment,
  memberId: reply.memberId,
  members: reply.members,
});
