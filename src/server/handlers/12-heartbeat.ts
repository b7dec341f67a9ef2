// Heartbeat, key 12, versions 0-4. A member of a classic group is alive, and learns whether a rebalance has begun.
import { errorCode } from '../../protocol/errors.ts';
import { HeartbeatRequest, HeartbeatResponse } from '../../protocol/messages/12-heartbeat.ts';
import { type ServedApi, serve } from '../api.ts';
import type { Services } from '../services.ts';

export function heartbeat({ groups }: Services): ServedApi {
  return serve({
    request: HeartbeatRequest,
    response: HeartbeatResponse,
    handle: async request => ({ errorCode: errorCode[await groups.heartbeat(request)] }),
    refused: refusal => ({ errorCode: errorCode[refusal.refused] }),
  });
}
