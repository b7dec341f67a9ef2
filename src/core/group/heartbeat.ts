// Heartbeat: keeps the session, and is how members hear of a rebalance.
import type { ErrorName } from '../../protocol/errors.ts';
import type { Slot } from '../coordinator/turn.ts';
import type { HeartbeatAsk } from './asks.ts';
import type { Groups } from './groups.ts';
import type { GroupTurn } from './records.ts';
import { resetSession } from './sessions.ts';

export function heartbeat(groups: Groups, turn: GroupTurn, slot: Slot<ErrorName>, ask: HeartbeatAsk): void {
  turn.answer(slot, beat(groups, turn, ask));
}

function beat(groups: Groups, turn: GroupTurn, ask: HeartbeatAsk): ErrorName {
  const group = groups.find(ask.groupId);
  const invalid = group?.validate(ask.memberId, ask.groupInstanceId) ?? 'UNKNOWN_MEMBER_ID';
  if (group === undefined || invalid !== 'NONE') return invalid;
  if (ask.generationId !== group.generationId) return 'ILLEGAL_GENERATION';
  resetSession(groups, turn, group, group.members.get(ask.memberId)!);
  return group.state === 'PreparingRebalance' ? 'REBALANCE_IN_PROGRESS' : 'NONE';
}
