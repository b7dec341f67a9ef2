// What operators are shown. A group is what the log says it is; what its members are up to is in memory.
import { noBytes } from '../../base/bytes.ts';
import type { DescribedGroup, DescribedMember, ListedGroup } from './asks.ts';
import type { ClassicGroup } from './classic-group.ts';
import type { Groups } from './groups.ts';
import type { Member } from './member.ts';
import type { StoredClassic, StoredGroup } from './stored-groups.ts';

export function describe(groups: Groups, groupId: string): DescribedGroup {
  const stored = groups.stored.committed(groupId);
  if (stored === undefined) return notFound(groupId, `Group ${groupId} not found.`);
  if (stored.kind !== 'classic') return notFound(groupId, `Group ${groupId} is not a classic group.`);
  const group = groups.findLive(groupId);
  if (group === undefined) return { ...described(groupId, 'Empty'), protocolType: stored.metadata?.protocolType ?? '' };
  const state = stateOf(group, stored);
  const stable = state === 'Stable';
  return {
    ...described(groupId, state),
    protocolType: group.protocolType ?? '',
    protocol: stable ? (group.protocolName ?? '') : '',
    members: [...group.members.values()].map(member => describedMember(member, group, stable)),
  };
}

export function* list(groups: Groups): Iterable<ListedGroup> {
  for (const [groupId, stored] of groups.stored.committedEntries()) yield listed(groups, groupId, stored);
}

function listed(groups: Groups, groupId: string, stored: StoredGroup): ListedGroup {
  if (stored.kind !== 'classic') {
    // Whether it is stable only its own coordinator could say.
    const state = stored.memberIds.size === 0 ? 'Empty' : 'Unknown';
    return { groupId, protocolType: stored.kind, state, type: stored.kind };
  }
  const group = groups.findLive(groupId);
  const protocolType = group === undefined ? stored.metadata?.protocolType : group.protocolType;
  const state = group === undefined ? 'Empty' : stateOf(group, stored);
  return { groupId, protocolType: protocolType ?? '', state, type: 'classic' };
}

/** An assignment that is not stored yet may be lost: until then the group is completing. */
function stateOf({ state, generationId }: ClassicGroup, { metadata }: StoredClassic): string {
  const isStored = metadata?.generation === generationId && metadata.members.length > 0;
  return state === 'Stable' && !isStored ? 'CompletingRebalance' : state;
}

function describedMember(member: Member, group: ClassicGroup, stable: boolean): DescribedMember {
  return {
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    metadata: stable ? member.metadata(group.protocolName) : noBytes,
    assignment: member.assignment,
  };
}

const described = (groupId: string, state: string): DescribedGroup => ({
  error: 'NONE',
  message: null,
  groupId,
  state,
  protocolType: '',
  protocol: '',
  members: [],
});

const notFound = (groupId: string, message: string): DescribedGroup => ({
  ...described(groupId, 'Dead'),
  error: 'GROUP_ID_NOT_FOUND',
  message,
});
