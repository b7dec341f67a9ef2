// A static member comes back without an id, as after a restart (KIP-345): it takes its own place over under a new id. In a
// stable group whose protocol stays the same nobody else needs to notice.

import type { Joining } from './join.ts';
import type { Member } from './member.ts';
import { joined, rebalanceOrComplete } from './rebalance.ts';
import { groupMetadataRecord } from './records.ts';
import { resetSession } from './sessions.ts';

export function rejoinStatic(joining: Joining, before: Member, newMemberId: string): void {
  const { groups, turn, group, slot, ask } = joining;
  const leaderBefore = group.leaderId;
  const member = group.replaceStatic(turn, before, newMemberId);
  resetSession(groups, turn, group, member);
  group.update(member, ask);
  if (group.state === 'Stable' && group.selectProtocol() === group.protocolName) {
    answerAtOnce(joining, before, member, leaderBefore);
    return;
  }
  group.parkJoin(turn, member, slot);
  // While a generation completes the leader may have assigned to the old id already: nothing would be left for the new one.
  rebalanceOrComplete(groups, turn, group);
}

function answerAtOnce(joining: Joining, before: Member, member: Member, leaderBefore: string | null): void {
  const { groups, turn, group, slot, ask } = joining;
  const { generationId } = group;
  turn.append(groupMetadataRecord(group));
  turn.whenLost(later => {
    const current = group.members.get(member.memberId);
    if (!groups.isLive(group) || current !== member || group.state !== 'Stable') return;
    if (group.generationId !== generationId) return;
    group.update(member, before);
    resetSession(groups, later, group, group.replaceStatic(later, member, before.memberId));
  });
  const reply = joined(group, member);
  // Before KIP-814 a client that learns it is the leader would assign and send SyncGroup in vain: it is told that the
  // member it was before leads.
  turn.answer(
    slot,
    ask.supportsSkippingAssignment
      ? { ...reply, skipAssignment: group.isLeader(member.memberId) }
      : { ...reply, leader: leaderBefore ?? '', members: [] },
  );
}
