// LeaveGroup: one or many members of a group at once; an administrator names static ones by their instance id alone.
import type { ErrorName } from '../../protocol/errors.ts';
import type { Slot } from '../coordinator/turn.ts';
import type { LeaveAsk, LeaveReply } from './asks.ts';
import type { ClassicGroup } from './classic-group.ts';
import { type Groups, sessionTimer } from './groups.ts';
import { rebalanceOrComplete } from './rebalance.ts';
import type { GroupTurn } from './records.ts';
import { unknownMemberId } from './replies.ts';

type Leaving = LeaveAsk['members'][number];

export function leave(groups: Groups, turn: GroupTurn, slot: Slot<LeaveReply>, ask: LeaveAsk): void {
  const group = groups.find(ask.groupId);
  const members = ask.members.map(leaving => ({
    memberId: leaving.memberId,
    groupInstanceId: leaving.groupInstanceId,
    error: group === undefined ? 'UNKNOWN_MEMBER_ID' : leaveOne(turn, group, leaving),
  }));
  turn.answer(slot, { error: 'NONE', members });
  if (group === undefined || group.state === 'Empty' || members.every(({ error }) => error !== 'NONE')) return;
  rebalanceOrComplete(groups, turn, group);
}

function leaveOne(turn: GroupTurn, group: ClassicGroup, { memberId, groupInstanceId }: Leaving): ErrorName {
  const named =
    memberId === unknownMemberId && groupInstanceId !== null ? group.staticMemberId(groupInstanceId) : memberId;
  if (named === undefined) return 'UNKNOWN_MEMBER_ID';
  if (!group.pendingJoins.has(named)) {
    const invalid = group.validate(named, groupInstanceId);
    if (invalid !== 'NONE') return invalid;
  }
  group.remove(turn, named);
  turn.cancel(sessionTimer(group, named));
  return 'NONE';
}
