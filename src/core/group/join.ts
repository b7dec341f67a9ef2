// JoinGroup: KIP-394 (a dynamic member is told its id first), KIP-345 (a static one keeps its place), KIP-814 (its leader
// need not assign anew). The order of the checks is Kafka's.
import { putUuid } from '../../base/uuid.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { Slot } from '../coordinator/turn.ts';
import type { JoinAsk, JoinReply } from './asks.ts';
import type { ClassicGroup } from './classic-group.ts';
import { buryForeign, mayTakeOver } from './foreign.ts';
import type { Groups } from './groups.ts';
import { Member, ownProtocols } from './member.ts';
import { joined, rebalanceOrComplete } from './rebalance.ts';
import { type GroupTurn, newGroupRecord } from './records.ts';
import { refusedJoin, unknownMemberId } from './replies.ts';
import { newMemberJoinTimeoutMs, resetSession, revive, watchId } from './sessions.ts';
import { rejoinStatic } from './static-rejoin.ts';

export interface Joining {
  readonly groups: Groups;
  readonly turn: GroupTurn;
  readonly group: ClassicGroup;
  readonly slot: Slot<JoinReply>;
  readonly ask: JoinAsk;
}

export function join(groups: Groups, turn: GroupTurn, slot: Slot<JoinReply>, asked: JoinAsk): void {
  const ask = { ...asked, protocols: ownProtocols(asked.protocols) };
  const isUnknown = ask.memberId === unknownMemberId;
  const foreign = groups.foreign(ask.groupId);
  if (foreign !== undefined && !mayTakeOver(foreign, groups.loadedAtMs, turn.nowMs)) {
    turn.answer(slot, refusedJoin('INCONSISTENT_GROUP_PROTOCOL', unknownMemberId));
    return;
  }
  const existing = groups.find(ask.groupId);
  if (existing === undefined && !isUnknown) {
    turn.answer(slot, refusedJoin('UNKNOWN_MEMBER_ID', ask.memberId));
    return;
  }
  if (foreign !== undefined) buryForeign(turn, ask.groupId, foreign);
  const group = existing ?? groups.create(ask.groupId, turn.nowMs);
  const joining = { groups, turn, group, slot, ask };
  if (!accepts(group, ask.memberId, groups.settings.maxSize)) refuseForSize(joining);
  else if (isUnknown) joinNew(joining);
  else rejoin(joining);
  if (existing === undefined) storeNew(joining);
}

/** A group is known from its first JoinGroup on, even a refused one. */
function storeNew({ groups, turn, group }: Joining): void {
  turn.append(newGroupRecord(group.groupId, turn.nowMs));
  turn.whenLost((later, error) => {
    if (!groups.isLive(group)) return;
    for (const member of group.members.values()) group.answerJoin(later, member, refusedJoin(error, unknownMemberId));
    groups.drop(later, group);
    revive(groups, later, group.groupId);
  });
}

/** Members that are here already count; ids that were given out do not, or a crowd of them would keep members away. */
function accepts(group: ClassicGroup, memberId: string, maxSize: number): boolean {
  const member = group.members.get(memberId);
  switch (group.state) {
    case 'Empty':
      return true;
    case 'PreparingRebalance':
      // Those who wait, not those who are: so a group that is too large for a new limit loses the last ones to rejoin.
      return member?.join !== undefined || group.awaitingJoins < maxSize;
    case 'CompletingRebalance':
    case 'Stable':
      return member !== undefined || group.members.size < maxSize;
  }
}

/** As in Kafka the others go on waiting until somebody else moves or the time is up, even if this was the last one awaited. */
function refuseForSize({ turn, group, slot, ask }: Joining): void {
  group.remove(turn, ask.memberId);
  turn.answer(slot, refusedJoin('GROUP_MAX_SIZE_REACHED', unknownMemberId));
}

function joinNew(joining: Joining): void {
  const { groups, turn, group, slot, ask } = joining;
  if (!group.supports(ask.protocolType, ask.protocols)) {
    turn.answer(slot, refusedJoin('INCONSISTENT_GROUP_PROTOCOL', unknownMemberId));
    return;
  }
  const { groupInstanceId } = ask;
  const memberId = newMemberId(groupInstanceId ?? ask.clientId, turn);
  if (groupInstanceId !== null) {
    const replaced = group.members.get(group.staticMemberId(groupInstanceId) ?? unknownMemberId);
    if (replaced === undefined) addMember(joining, memberId);
    else rejoinStatic(joining, replaced, memberId);
  } else if (ask.requiresKnownMemberId) {
    group.pendingJoins.add(memberId);
    watchId(groups, turn, group, memberId, ask.sessionTimeoutMs);
    turn.answer(slot, refusedJoin('MEMBER_ID_REQUIRED', memberId));
  } else addMember(joining, memberId);
}

function rejoin(joining: Joining): void {
  const { groups, turn, group, slot, ask } = joining;
  const { memberId } = ask;
  const isPending = group.pendingJoins.has(memberId);
  const invalid = invalidRejoin(group, ask, isPending);
  if (invalid !== 'NONE') {
    turn.answer(slot, refusedJoin(invalid, memberId));
    return;
  }
  if (isPending) {
    // Ids are only ever given to dynamic members.
    if (ask.groupInstanceId === null) addMember(joining, memberId);
    else turn.answer(slot, refusedJoin('UNKNOWN_SERVER_ERROR', unknownMemberId));
    return;
  }
  const member = group.members.get(memberId)!;
  if (isCurrent(group, member, ask)) {
    turn.answer(slot, joined(group, member));
    return;
  }
  group.update(member, ask);
  group.parkJoin(turn, member, slot);
  rebalanceOrComplete(groups, turn, group);
}

function invalidRejoin(group: ClassicGroup, ask: JoinAsk, isPending: boolean): ErrorName {
  if (!group.supports(ask.protocolType, ask.protocols)) return 'INCONSISTENT_GROUP_PROTOCOL';
  return isPending ? 'NONE' : group.validate(ask.memberId, ask.groupInstanceId);
}

/**
 * Nothing has changed for the member: the answer of this generation will do, which it may have missed. Not so for the
 * leader of a stable group, who joins again because something else has changed, such as the partitions of a topic.
 */
function isCurrent(group: ClassicGroup, member: Member, ask: JoinAsk): boolean {
  switch (group.state) {
    case 'Empty':
    case 'PreparingRebalance':
      return false;
    case 'CompletingRebalance':
      return member.matches(ask.protocols);
    case 'Stable':
      return !group.isLeader(member.memberId) && member.matches(ask.protocols);
  }
}

function addMember({ groups, turn, group, slot, ask }: Joining, memberId: string): void {
  const member = new Member({ ...ask, memberId });
  member.isNew = true;
  if (group.state === 'PreparingRebalance' && group.previousState === 'Empty') group.newMemberAdded = true;
  group.add(member, ask.protocolType);
  group.parkJoin(turn, member, slot);
  resetSession(groups, turn, group, member, newMemberJoinTimeoutMs);
  rebalanceOrComplete(groups, turn, group);
}

/** Kafka's form: who it is, and a random UUID in hexadecimal. */
function newMemberId(who: string, turn: GroupTurn): string {
  const bytes = Buffer.alloc(16);
  putUuid(turn.newUuid(), bytes);
  const hex = bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return `${who}-${hex}`;
}
