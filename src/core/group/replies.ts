// Refusals in the shape of the replies.
import { noBytes } from '../../base/bytes.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { JoinReply, SyncReply } from './asks.ts';

/** KIP-394: '' is the id of a member that has none. */
export const unknownMemberId = '';
export const noGeneration = -1;

export const refusedJoin = (error: ErrorName, memberId: string): JoinReply => ({
  error,
  memberId,
  generationId: noGeneration,
  protocolType: null,
  protocolName: null,
  leader: '',
  skipAssignment: false,
  members: [],
});

export const refusedSync = (error: ErrorName): SyncReply => ({
  error,
  protocolType: null,
  protocolName: null,
  assignment: noBytes,
});
