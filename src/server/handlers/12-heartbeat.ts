// Heartbeat, key 12, versions 0-4. A member of a classic group is alive, and learns whether a rebalance has begun.
import { readHeartbeatByHand } from '../../protocol/by-hand.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { HeartbeatRequest, HeartbeatResponse } from '../../protocol/messages/12-heartbeat.ts';
import { type ServedApi, serve } from '../api.ts';
import type { Services } from '../services.ts';

const answered = (error: ErrorName) => ({ errorCode: errorCode[error] });

export function heartbeat({ groups }: Services): ServedApi {
  return serve({
    request: HeartbeatRequest,
    response: HeartbeatResponse,
    read: readHeartbeatByHand,
    // Correlation id, tagged fields of the header, throttle time, error, tagged fields.
    responseBytes: version => (version === 0 ? 6 : version < HeartbeatResponse.flexibleFrom ? 10 : 12),
    handle(request) {
      const error = groups.heartbeat(request);
      return error instanceof Promise ? error.then(answered) : answered(error);
    },
    refused: refusal => ({ errorCode: errorCode[refusal.refused] }),
  });
}
