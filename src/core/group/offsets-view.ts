// What the offsets of a group may ask of its membership. Groups at rest stay where they are: there may be a million that only
// keep offsets, and all of them are looked at for what has expired.
import type { ErrorName } from '../../protocol/errors.ts';
import type { OffsetCommitAsk } from './asks.ts';
import { type ClassicGroup, noTimestamp } from './classic-group.ts';
import { isAbandoned } from './foreign.ts';
import type { Groups } from './groups.ts';
import type { GroupsView, RetentionStart } from './offsets/groups-view.ts';
import type { GroupTurn } from './records.ts';
import { unknownMemberId } from './replies.ts';
import { deleteGroupRecord, resetSession } from './sessions.ts';
import type { StoredClassic } from './stored-groups.ts';

export class OffsetsView implements GroupsView {
  private readonly groups: Groups;

  constructor(groups: Groups) {
    this.groups = groups;
  }

  validateCommit(turn: GroupTurn, ask: OffsetCommitAsk): ErrorName {
    const foreign = this.groups.foreign(ask.groupId);
    if (foreign !== undefined) {
      // Their members have no way to commit here; everybody else may while nobody is there.
      const open = ask.generationId < 0 && isAbandoned(foreign, this.groups.loadedAtMs, turn.nowMs);
      return open ? 'NONE' : 'UNKNOWN_MEMBER_ID';
    }
    const group = this.groups.findLive(ask.groupId);
    if (group === undefined) {
      if (this.atRest(ask.groupId) === undefined) return 'GROUP_ID_NOT_FOUND';
      return ask.generationId < 0 ? 'NONE' : 'UNKNOWN_MEMBER_ID';
    }
    const invalid = invalidCommit(group, ask);
    if (invalid !== 'NONE') return invalid;
    const member = group.members.get(ask.memberId);
    if (member !== undefined) resetSession(this.groups, turn, group, member);
    return 'NONE';
  }

  validateOffsetDelete(groupId: string): ErrorName {
    const stored = this.groups.stored.get(groupId);
    if (stored !== undefined && stored.kind !== 'classic') {
      return stored.kind === 'consumer' || stored.memberIds.size === 0 ? 'NONE' : 'NON_EMPTY_GROUP';
    }
    const group = this.groups.findLive(groupId);
    if (group === undefined) return stored === undefined ? 'GROUP_ID_NOT_FOUND' : 'NONE';
    return group.state === 'Empty' || group.usesConsumerProtocol() ? 'NONE' : 'NON_EMPTY_GROUP';
  }

  isSubscribed(groupId: string, topic: string): boolean {
    const foreign = this.groups.foreign(groupId);
    // What its members have subscribed to is not kept: in doubt, to everything.
    if (foreign !== undefined) return foreign.memberIds.size > 0;
    return this.groups.findLive(groupId)?.isSubscribedTo(topic) ?? false;
  }

  retentionStart(groupId: string): RetentionStart {
    const foreign = this.groups.foreign(groupId);
    if (foreign !== undefined) return { kind: foreign.memberIds.size === 0 ? 'commit' : 'never' };
    const group = this.groups.findLive(groupId);
    if (group === undefined) {
      const metadata = this.atRest(groupId)?.metadata;
      return emptySince(metadata?.protocolType || null, metadata?.currentStateTimestamp ?? noTimestamp);
    }
    if (group.state === 'Empty') return emptySince(group.protocolType, group.stateSinceMs);
    if (group.protocolType === null) return { kind: 'commit' };
    const knowsAll = group.state === 'Stable' && group.usesConsumerProtocol() && group.knowsSubscriptions;
    return { kind: knowsAll ? 'commit' : 'never' };
  }

  *groupIds(): Iterable<string> {
    for (const [groupId] of this.groups.stored.entries()) yield groupId;
  }

  deleteIfEmpty(turn: GroupTurn, groupId: string): void {
    const group = this.groups.findLive(groupId);
    const isEmpty = group === undefined ? this.atRest(groupId) !== undefined : group.state === 'Empty';
    if (isEmpty) deleteGroupRecord(this.groups, turn, groupId);
  }

  offsetReplayed(groupId: string): void {
    this.groups.stored.offsetCommitted(groupId);
  }

  /** A classic group that nothing has moved since it was loaded: those with members are all in memory, so it is empty. */
  private atRest(groupId: string): StoredClassic | undefined {
    const stored = this.groups.stored.get(groupId);
    return stored?.kind === 'classic' ? stored : undefined;
  }
}

function emptySince(protocolType: string | null, sinceMs: bigint): RetentionStart {
  return protocolType === null || sinceMs === noTimestamp ? { kind: 'commit' } : { kind: 'empty', sinceMs };
}

/** Consumers that only keep their offsets here send no generation, and may while there are no members. */
function invalidCommit(group: ClassicGroup, ask: OffsetCommitAsk): ErrorName {
  const { memberId, groupInstanceId, generationId } = ask;
  if (generationId < 0 && group.state === 'Empty') return 'NONE';
  if (generationId < 0 && memberId === unknownMemberId && groupInstanceId === null) return 'UNKNOWN_MEMBER_ID';
  const unknown = group.validate(memberId, groupInstanceId);
  if (unknown !== 'NONE') return unknown;
  if (generationId !== group.generationId) return 'ILLEGAL_GENERATION';
  // The member knows the generation and not yet what it is assigned in it.
  return group.state === 'CompletingRebalance' ? 'REBALANCE_IN_PROGRESS' : 'NONE';
}
