// Heartbeat, key 12, versions 0-4.
// A classic group member is alive; the answer tells it of rebalances.
// 3: static members (KIP-345)   4: flexible
import { type Infer, int16, int32, message, string } from '../schema.ts';

export const HeartbeatRequest = message({
  name: 'HeartbeatRequest',
  key: 12,
  min: 0,
  max: 4,
  flexibleFrom: 4,
  fields: {
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: string.since(3).nullable().or(null),
  },
});
export type HeartbeatRequest = Infer<typeof HeartbeatRequest>;

export const HeartbeatResponse = message({
  name: 'HeartbeatResponse',
  key: 12,
  min: 0,
  max: 4,
  flexibleFrom: 4,
  fields: {
    throttleTimeMs: int32.since(1).or(0).ignorable(),
    errorCode: int16,
  },
});
export type HeartbeatResponse = Infer<typeof HeartbeatResponse>;
