// SyncGroup: the leader brings the assignment, everybody is given theirs.
import { noBytes } from '../../base/bytes.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { Slot } from '../coordinator/turn.ts';
import type { SyncAsk, SyncReply } from './asks.ts';
import type { ClassicGroup } from './classic-group.ts';
import { type Groups, syncTimer } from './groups.ts';
import type { Member } from './member.ts';
import { dropAssignments, prepareRebalance } from './rebalance.ts';
import { type GroupTurn, groupMetadataRecord } from './records.ts';
import { refusedSync } from './replies.ts';
import { resetSession } from './sessions.ts';

export function sync(groups: Groups, turn: GroupTurn, slot: Slot<SyncReply>, ask: SyncAsk): void {
  const group = groups.find(ask.groupId);
  const refused = group === undefined ? 'UNKNOWN_MEMBER_ID' : invalid(group, ask);
  if (group === undefined || refused !== 'NONE') {
    turn.answer(slot, refusedSync(refused));
    return;
  }
  const member = group.members.get(ask.memberId)!;
  group.pendingSyncs.delete(ask.memberId);
  if (group.pendingSyncs.size === 0) turn.cancel(syncTimer(group));
  if (group.state === 'Stable') {
    turn.answer(slot, assigned(group, member));
    return;
  }
  group.parkSync(turn, member, slot);
  if (group.isLeader(ask.memberId)) assign(groups, turn, group, ask);
}

function invalid(group: ClassicGroup, ask: SyncAsk): ErrorName {
  if (group.state === 'Empty') return 'UNKNOWN_MEMBER_ID';
  const unknown = group.validate(ask.memberId, ask.groupInstanceId);
  if (unknown !== 'NONE') return unknown;
  if (ask.generationId !== group.generationId) return 'ILLEGAL_GENERATION';
  if (differs(ask.protocolType, group.protocolType) || differs(ask.protocolName, group.protocolName)) {
    return 'INCONSISTENT_GROUP_PROTOCOL';
  }
  return group.state === 'PreparingRebalance' ? 'REBALANCE_IN_PROGRESS' : 'NONE';
}

const differs = (asked: string | null, actual: string | null): boolean =>
  asked !== null && actual !== null && asked !== actual;

const assigned = (group: ClassicGroup, member: Member): SyncReply => ({
  error: 'NONE',
  protocolType: group.protocolType,
  protocolName: group.protocolName,
  assignment: member.assignment,
});

/** Members the leader has not thought of are assigned nothing; ids that are no members' are passed over. */
function assign(groups: Groups, turn: GroupTurn, group: ClassicGroup, ask: SyncAsk): void {
  const assignments = new Map(ask.assignments.map(({ memberId, assignment }) => [memberId, assignment]));
  for (const member of group.members.values()) {
    const assignment = assignments.get(member.memberId);
    // A copy: the request's bytes are borrowed.
    member.assignment = assignment === undefined ? noBytes : new Uint8Array(assignment);
  }
  group.transitionTo('Stable', turn.nowMs);
  turn.append(groupMetadataRecord(group));
  turn.whenLost(later => {
    // Members of a generation whose assignment is nowhere: they have been told the error, and join again.
    if (!groups.isLive(group) || group.state !== 'Stable' || group.generationId !== ask.generationId) return;
    dropAssignments(group);
    prepareRebalance(groups, later, group);
  });
  for (const member of group.members.values()) {
    // Sessions that ended while the member waited were let pass: from here on they count again.
    if (group.answerSync(turn, member, assigned(group, member))) resetSession(groups, turn, group, member);
  }
}
