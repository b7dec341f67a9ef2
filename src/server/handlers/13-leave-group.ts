// LeaveGroup, key 13, versions 0-5. One member until version 2, whose error is the answer's; several from 3 on.
import type { LeaveReply } from '../../core/group/asks.ts';
import { errorCode } from '../../protocol/errors.ts';
import { LeaveGroupRequest, LeaveGroupResponse } from '../../protocol/messages/13-leave-group.ts';
import { type ServedApi, serve } from '../api.ts';
import type { Services } from '../services.ts';

const firstWithMembers = 3;

export function leaveGroup({ groups }: Services): ServedApi {
  return serve({
    request: LeaveGroupRequest,
    response: LeaveGroupResponse,

    async handle({ groupId, memberId, members }, { version }) {
      const leaving = version >= firstWithMembers ? members : [{ memberId, groupInstanceId: null, reason: null }];
      return answer(await groups.leave({ groupId, members: leaving }), version);
    },

    refused: refusal => ({ errorCode: errorCode[refusal.refused], members: [] }),
  });
}

function answer({ error, members }: LeaveReply, version: number) {
  if (version < firstWithMembers) {
    const own = error === 'NONE' ? members[0]?.error : error;
    return { errorCode: errorCode[own ?? 'NONE'], members: [] };
  }
  return {
    errorCode: errorCode[error],
    members: members.map(({ memberId, groupInstanceId, error: own }) => ({
      memberId,
      groupInstanceId,
      errorCode: errorCode[own],
    })),
  };
}
