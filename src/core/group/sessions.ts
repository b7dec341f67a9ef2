// Session timeouts: the coordinator's only way to notice that a member is gone without a word.

import type { ClassicGroup } from './classic-group.ts';
import { type Groups, sessionTimer } from './groups.ts';
import type { Member } from './member.ts';
import { completeIfAllJoined, rebalanceOrComplete } from './rebalance.ts';
import type { GroupTurn } from './records.ts';

/** A new member's client cannot send heartbeats before it is told its id: it is given this long, and asked to try again. */
export const newMemberJoinTimeoutMs = 5 * 60_000;

export function resetSession(
  groups: Groups,
  turn: GroupTurn,
  group: ClassicGroup,
  member: Member,
  timeoutMs = member.sessionTimeoutMs,
): void {
  member.sessionTimer ??= sessionTimer(group, member.memberId);
  watch(groups, turn, group, member.memberId, member.sessionTimer, timeoutMs);
}

/** A group goes. If that is lost, members that had left without the log hearing of it may be stored again: they are watched then. */
export function deleteGroupRecord(groups: Groups, turn: GroupTurn, groupId: string): void {
  groups.delete(turn, groupId);
  turn.whenLost(later => revive(groups, later, groupId));
}

/** What took a stored group's place was lost: its members are watched as after loading. */
export function revive(groups: Groups, turn: GroupTurn, groupId: string): void {
  if (groups.findLive(groupId) !== undefined) return;
  const group = groups.find(groupId);
  if (group === undefined) return;
  for (const member of group.members.values()) resetSession(groups, turn, group, member);
}

/** For ids that were given out and have not joined with yet. */
export function watchId(
  groups: Groups,
  turn: GroupTurn,
  group: ClassicGroup,
  memberId: string,
  timeoutMs: number,
): void {
  watch(groups, turn, group, memberId, sessionTimer(group, memberId), timeoutMs);
}

function watch(
  groups: Groups,
  turn: GroupTurn,
  group: ClassicGroup,
  memberId: string,
  timer: string,
  timeoutMs: number,
): void {
  turn.schedule(timer, timeoutMs, later => sessionExpired(groups, later, group, memberId));
}

function sessionExpired(groups: Groups, turn: GroupTurn, group: ClassicGroup, memberId: string): void {
  if (!groups.isLive(group)) return;
  if (group.pendingJoins.has(memberId)) {
    group.remove(turn, memberId);
    completeIfAllJoined(groups, turn, group);
    return;
  }
  const member = group.members.get(memberId);
  // Whoever waits is watched again from the moment it is answered.
  if (member === undefined || member.hasSatisfiedHeartbeat) return;
  group.remove(turn, memberId);
  if (group.state === 'PreparingRebalance') completeIfAllJoined(groups, turn, group);
  else rebalanceOrComplete(groups, turn, group);
}
