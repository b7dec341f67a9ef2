// Groups of other kinds, from a directory that Apache Kafka has used: KIP-848 consumer groups, share and streams groups.
// Their requests are not served here, so their members are on their way out; but as long as they may still be at work
// elsewhere no classic member is mixed in.
import type { GroupRecordInit, GroupTurn } from './records.ts';
import type { ForeignGroup } from './stored-groups.ts';

/** Kafka's session timeout of such members: heard of by nobody for so long, they are gone. */
const foreignSessionTimeoutMs = 45_000n;

/** Whether a classic group may take the id over, as Kafka lets it with empty consumer and streams groups. */
export function mayTakeOver(foreign: ForeignGroup, loadedAtMs: bigint, nowMs: bigint): boolean {
  return foreign.kind !== 'share' && isAbandoned(foreign, loadedAtMs, nowMs);
}

export function isAbandoned({ memberIds }: ForeignGroup, loadedAtMs: bigint, nowMs: bigint): boolean {
  return memberIds.size === 0 || nowMs - loadedAtMs >= foreignSessionTimeoutMs;
}

/** Tombstones for all that is known to be stored of it. */
export function buryForeign(turn: GroupTurn, groupId: string, { kind, memberIds }: ForeignGroup): void {
  const members = [...memberIds].map(memberId => ({ groupId, memberId }));
  for (const record of tombstones(kind, { groupId }, members)) turn.append(record);
}

interface MemberKey {
  readonly groupId: string;
  readonly memberId: string;
}

function tombstones(
  kind: ForeignGroup['kind'],
  key: { readonly groupId: string },
  members: readonly MemberKey[],
): readonly GroupRecordInit[] {
  const value = null;
  switch (kind) {
    case 'consumer':
      return [
        ...members.map(key => ({ type: 'consumerGroupCurrentMemberAssignment', key, value }) as const),
        ...members.map(key => ({ type: 'consumerGroupTargetAssignmentMember', key, value }) as const),
        { type: 'consumerGroupTargetAssignmentMetadata', key, value },
        ...members.map(key => ({ type: 'consumerGroupMemberMetadata', key, value }) as const),
        { type: 'consumerGroupPartitionMetadata', key, value },
        { type: 'consumerGroupMetadata', key, value },
      ];
    case 'streams':
      return [
        ...members.map(key => ({ type: 'streamsGroupCurrentMemberAssignment', key, value }) as const),
        ...members.map(key => ({ type: 'streamsGroupTargetAssignmentMember', key, value }) as const),
        { type: 'streamsGroupTargetAssignmentMetadata', key, value },
        ...members.map(key => ({ type: 'streamsGroupMemberMetadata', key, value }) as const),
        { type: 'streamsGroupMetadata', key, value },
        { type: 'streamsGroupTopology', key, value },
      ];
    case 'share':
      return [
        ...members.map(key => ({ type: 'shareGroupCurrentMemberAssignment', key, value }) as const),
        ...members.map(key => ({ type: 'shareGroupTargetAssignmentMember', key, value }) as const),
        { type: 'shareGroupTargetAssignmentMetadata', key, value },
        ...members.map(key => ({ type: 'shareGroupMemberMetadata', key, value }) as const),
        { type: 'shareGroupMetadata', key, value },
        { type: 'shareGroupStatePartitionMetadata', key, value },
      ];
  }
}
