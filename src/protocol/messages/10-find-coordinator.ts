// FindCoordinator, key 10, versions 0-6.
// Which broker coordinates a group (key type 0), a transactional id (1) or a share group partition (2).
// 1: key type   3: flexible   4: several keys (KIP-699)   5: TRANSACTION_ABORTABLE   6: share groups (KIP-932)
import { array, type Infer, int8, int16, int32, message, string, struct } from '../schema.ts';

export const FindCoordinatorRequest = message({
  name: 'FindCoordinatorRequest',
  key: 10,
  min: 0,
  max: 6,
  flexibleFrom: 3,
  fields: {
    key: string.until(3).or(''),
    keyType: int8.since(1).or(0),
    coordinatorKeys: array(string).since(4),
  },
});
export type FindCoordinatorRequest = Infer<typeof FindCoordinatorRequest>;

export const FindCoordinatorResponse = message({
  name: 'FindCoordinatorResponse',
  key: 10,
  min: 0,
  max: 6,
  flexibleFrom: 3,
  fields: {
    throttleTimeMs: int32.since(1).or(0).ignorable(),
    errorCode: int16.until(3).or(0),
    errorMessage: string.since(1).until(3).nullable().or('').ignorable(),
    nodeId: int32.until(3).or(0),
    host: string.until(3).or(''),
    port: int32.until(3).or(0),
    coordinators: array(
      struct({
        key: string,
        nodeId: int32,
        host: string,
        port: int32,
        errorCode: int16,
        errorMessage: string.nullable().ignorable(),
      }),
    ).since(4),
  },
});
export type FindCoordinatorResponse = Infer<typeof FindCoordinatorResponse>;
