/** What is true of a classic group between any two turns. Throws what is not: it is asked too often for `expect`. */
import type { ClassicGroup } from '../../src/core/group/classic-group.ts';
import type { Groups } from '../../src/core/group/groups.ts';
import type { Coordinator } from './groups.ts';

export const groupsOf = (coordinator: Coordinator): Groups =>
  (coordinator.machine as unknown as { readonly groups: Groups }).groups;

export function holds(condition: boolean, invariant: string): void {
  if (!condition) throw new Error(`does not hold: ${invariant}`);
}

export function checkGroup(coordinator: Coordinator, groupId: string): void {
  const group = groupsOf(coordinator).findLive(groupId);
  if (group === undefined) {
    const timers = [`join:${groupId}`, `sync:${groupId}`].filter(key => coordinator.dueIn(key) !== undefined);
    holds(timers.length === 0, 'a group that is gone is not timed');
    return;
  }
  checkMembers(group);
  checkVotes(group);
  checkState(group, groupsOf(coordinator).settings.maxSize);
  checkTimers(coordinator, group);
}

function checkMembers(group: ClassicGroup): void {
  const members = [...group.members.values()];
  const { leaderId } = group;
  holds((leaderId === null) === (members.length === 0), 'a group with members has a leader');
  holds(leaderId === null || group.members.has(leaderId), 'the leader is a member');
  const awaiting = members.filter(({ join }) => join !== undefined).length;
  holds(group.awaitingJoins === awaiting, 'parked joins are counted');
  const instances = new Set<string>();
  for (const [memberId, { memberId: own, groupInstanceId }] of group.members) {
    holds(own === memberId, 'members are found by their ids');
    if (groupInstanceId === null) continue;
    holds(group.staticMemberId(groupInstanceId) === memberId, 'static members are found by their instance ids');
    holds(!instances.has(groupInstanceId), 'an instance id has one member');
    instances.add(groupInstanceId);
  }
  for (const memberId of group.pendingJoins) holds(!group.members.has(memberId), 'a pending id is no member');
  for (const memberId of group.pendingSyncs) holds(group.members.has(memberId), 'members are awaited, nobody else');
}

function checkVotes(group: ClassicGroup): void {
  const members = [...group.members.values()];
  if (members.length === 0) return;
  const names = members.map(({ protocols }) => protocols.map(({ name }) => name));
  for (const name of new Set(names.flat())) {
    const shared = names.every(own => own.includes(name));
    const supported = group.supports(group.protocolType ?? '', [{ name, metadata: new Uint8Array() }]);
    holds(supported === shared, 'supported is what every member brings');
  }
  const selected = group.selectProtocol();
  holds(
    names.every(own => own.includes(selected)),
    'every member supports what is selected',
  );
  const told = group.state === 'CompletingRebalance' || group.state === 'Stable';
  holds(!told || names.every(own => own.includes(group.protocolName ?? '')), 'every member supports the protocol');
}

function checkState(group: ClassicGroup, maxSize: number): void {
  const { state, members } = group;
  const syncing = [...members.values()].filter(({ sync }) => sync !== undefined);
  holds(state !== 'Empty' || members.size === 0, 'an empty group has no members');
  holds(state === 'CompletingRebalance' || syncing.length === 0, 'nobody waits to sync but while it completes');
  if (state === 'PreparingRebalance') {
    const over = group.previousState !== 'Empty' && group.hasAllMembersJoined;
    holds(!over || group.awaitingJoins >= maxSize, 'a rebalance is over when everybody has joined that may');
    return;
  }
  holds(group.awaitingJoins === 0, 'nobody waits to join but while it prepares');
  if (state === 'Empty') return;
  holds(members.size > 0, 'a generation has members');
  for (const { memberId } of syncing) {
    holds(!group.isLeader(memberId), 'the leader does not wait for itself');
    holds(!group.pendingSyncs.has(memberId), 'who has synced is not awaited');
  }
}

/** Whatever is waited for ends by itself. */
function checkTimers(coordinator: Coordinator, group: ClassicGroup): void {
  const { groupId, state } = group;
  const isTimed = (key: string) => coordinator.dueIn(key) !== undefined;
  const isWatched = (memberId: string) => isTimed(`session:${groupId.length}:${groupId}:${memberId}`);
  for (const memberId of group.pendingJoins) holds(isWatched(memberId), 'a pending id times out');
  for (const [memberId, member] of group.members) {
    holds(member.hasSatisfiedHeartbeat || isWatched(memberId), 'a member that may speak has a session');
  }
  holds(isTimed(`join:${groupId}`) === (state === 'PreparingRebalance'), 'a rebalance is timed, and only it');
  holds(group.pendingSyncs.size === 0 || isTimed(`sync:${groupId}`), 'what is awaited to sync is timed');
}
