// SyncGroup, key 14, versions 0-5. The answer comes when the group's leader has handed in the assignments.
import { isRefusal, refuse } from '../../base/result.ts';
import type { SyncReply } from '../../core/group/asks.ts';
import { errorCode } from '../../protocol/errors.ts';
import { SyncGroupRequest, SyncGroupResponse } from '../../protocol/messages/14-sync-group.ts';
import { type ServedApi, serve } from '../api.ts';
import { failedSync } from '../group-coordinator.ts';
import type { Services } from '../services.ts';

const firstWithProtocol = 5;

export function syncGroup({ groups }: Services): ServedApi {
  return serve({
    request: SyncGroupRequest,
    response: SyncGroupResponse,

    async handle(request, { version }) {
      const isComplete = request.protocolType !== null && request.protocolName !== null;
      if (version >= firstWithProtocol && !isComplete) {
        return refuse('INCONSISTENT_GROUP_PROTOCOL', 'a protocol type and name are asked for from version 5 on');
      }
      const reply = await groups.sync(request);
      return isRefusal(reply) ? reply : answer(reply);
    },

    refused: refusal => answer(failedSync(refusal.refused)),
  });
}

const answer = ({ error, protocolType, protocolName, assignment }: SyncReply) => ({
  errorCode: errorCode[error],
  protocolType,
  protocolName,
  assignment,
});
