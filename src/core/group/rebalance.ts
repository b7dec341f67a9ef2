// A rebalance: everybody is asked to join again (heartbeats say so), JoinGroup requests are parked until all are here or
// the longest rebalance timeout has passed, then a generation begins and SyncGroup is awaited.
import { noBytes } from '../../base/bytes.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { JoinReply } from './asks.ts';
import type { ClassicGroup } from './classic-group.ts';
import { type Groups, joinTimer, sessionTimer, syncTimer } from './groups.ts';
import type { Member } from './member.ts';
import type { GroupTurn } from './records.ts';
import { groupMetadataRecord } from './records.ts';
import { refusedSync } from './replies.ts';
import { resetSession } from './sessions.ts';
import { canRebalance } from './states.ts';

export function rebalanceOrComplete(groups: Groups, turn: GroupTurn, group: ClassicGroup): void {
  if (canRebalance(group.state)) prepareRebalance(groups, turn, group);
  else completeUnlessInitial(groups, turn, group);
}

export function prepareRebalance(groups: Groups, turn: GroupTurn, group: ClassicGroup): void {
  if (group.state === 'CompletingRebalance') {
    dropAssignments(group);
    refuseSyncs(groups, turn, group, 'REBALANCE_IN_PROGRESS');
  }
  group.pendingSyncs.clear();
  turn.cancel(syncTimer(group));
  const initial = group.state === 'Empty';
  group.transitionTo('PreparingRebalance', turn.nowMs);
  if (initial) {
    const { initialRebalanceDelayMs: delayMs } = groups.settings;
    group.newMemberAdded = false;
    waitForMore(groups, turn, group, delayMs, Math.max(group.rebalanceTimeoutMs - delayMs, 0));
  } else if (group.hasAllMembersJoined) completeJoin(groups, turn, group);
  else waitForRest(groups, turn, group);
}

/** A group that was empty waits for its members to come up; each delay in which one came is followed by another. */
function waitForMore(groups: Groups, turn: GroupTurn, group: ClassicGroup, delayMs: number, remainingMs: number): void {
  turn.schedule(joinTimer(group), delayMs, later => {
    if (!groups.isLive(group)) return;
    if (group.newMemberAdded && remainingMs > 0) {
      group.newMemberAdded = false;
      const nextMs = Math.min(groups.settings.initialRebalanceDelayMs, remainingMs);
      waitForMore(groups, later, group, nextMs, Math.max(remainingMs - delayMs, 0));
    } else completeJoin(groups, later, group);
  });
}

function waitForRest(groups: Groups, turn: GroupTurn, group: ClassicGroup): void {
  turn.schedule(joinTimer(group), group.rebalanceTimeoutMs, later => {
    if (groups.isLive(group)) completeJoin(groups, later, group);
  });
}

/** Somebody left or went missing, for good: that may have been the last one awaited. */
export function completeIfAllJoined(groups: Groups, turn: GroupTurn, group: ClassicGroup): void {
  if (group.state === 'PreparingRebalance' && group.hasAllMembersJoined) completeJoin(groups, turn, group);
}

/** The initial rebalance is given its time, even if all whom we know of are here. */
function completeUnlessInitial(groups: Groups, turn: GroupTurn, group: ClassicGroup): void {
  if (group.previousState !== 'Empty') completeIfAllJoined(groups, turn, group);
}

function completeJoin(groups: Groups, turn: GroupTurn, group: ClassicGroup): void {
  turn.cancel(joinTimer(group));
  // Static members are given their session timeout to come back, whatever the group does meanwhile.
  for (const member of [...group.members.values()]) {
    if (member.join === undefined && !member.isStatic) removeSilently(turn, group, member.memberId);
  }
  if (!group.electJoinedLeader() && group.members.size > 0) {
    // Nobody but absent static members: their sessions end, or one of them comes.
    waitForRest(groups, turn, group);
    return;
  }
  group.nextGeneration(turn.nowMs);
  // Should this record be lost, the generation before it is found at the next load, and times out.
  if (group.state === 'Empty') turn.append(groupMetadataRecord(group));
  else beginGeneration(groups, turn, group);
}

function beginGeneration(groups: Groups, turn: GroupTurn, group: ClassicGroup): void {
  for (const member of group.members.values()) {
    group.answerJoin(turn, member, joined(group, member));
    resetSession(groups, turn, group, member);
    member.isNew = false;
    group.pendingSyncs.add(member.memberId);
  }
  const { generationId } = group;
  turn.schedule(syncTimer(group), group.rebalanceTimeoutMs, later => {
    if (groups.isLive(group) && group.generationId === generationId) expireSyncs(groups, later, group);
  });
}

/** What a member is told of the generation that is; the leader is told of everybody. */
export function joined(group: ClassicGroup, { memberId }: Member): JoinReply {
  return {
    error: 'NONE',
    memberId,
    generationId: group.generationId,
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    leader: group.leaderId ?? '',
    skipAssignment: false,
    members: group.isLeader(memberId) ? group.joinedMembers() : [],
  };
}

/** Whoever has joined and never asked for its assignment is taken out, or the group would wait for a leader for ever. */
function expireSyncs(groups: Groups, turn: GroupTurn, group: ClassicGroup): void {
  if (group.state !== 'CompletingRebalance' && group.state !== 'Stable') return;
  if (group.pendingSyncs.size === 0) return;
  for (const memberId of [...group.pendingSyncs]) removeSilently(turn, group, memberId);
  prepareRebalance(groups, turn, group);
}

function removeSilently(turn: GroupTurn, group: ClassicGroup, memberId: string): void {
  group.remove(turn, memberId);
  turn.cancel(sessionTimer(group, memberId));
}

export function dropAssignments(group: ClassicGroup): void {
  for (const member of group.members.values()) member.assignment = noBytes;
}

function refuseSyncs(groups: Groups, turn: GroupTurn, group: ClassicGroup, error: ErrorName): void {
  for (const member of group.members.values()) {
    if (group.answerSync(turn, member, refusedSync(error))) resetSession(groups, turn, group, member);
  }
}
