// The classic groups of one coordinator: those that have moved since it was loaded, and those that wait in the store to be
// asked for. Everything that works on a group goes through here, so that nobody holds one that is gone.
import type { Turn } from '../coordinator/turn.ts';
import type { GroupSettings } from './asks.ts';
import { ClassicGroup, noTimestamp } from './classic-group.ts';
import { Member } from './member.ts';
import type { GroupTurn } from './records.ts';
import { groupTombstone, type StoredGroupMetadata } from './records.ts';
import type { ForeignGroup, StoredGroups } from './stored-groups.ts';

export class Groups {
  readonly stored: StoredGroups;
  readonly settings: GroupSettings;
  /** Milliseconds since the epoch. */
  loadedAtMs = 0n;
  private readonly live = new Map<string, ClassicGroup>();

  constructor(stored: StoredGroups, settings: GroupSettings) {
    this.stored = stored;
    this.settings = settings;
  }

  /** Undefined when there is no classic group of this id. */
  find(groupId: string): ClassicGroup | undefined {
    const live = this.live.get(groupId);
    if (live !== undefined) return live;
    const stored = this.stored.get(groupId);
    if (stored?.kind !== 'classic') return undefined;
    const group = restored(groupId, stored.metadata);
    this.live.set(groupId, group);
    return group;
  }

  /** The one in memory, if it has been asked for since the coordinator was loaded. */
  findLive(groupId: string): ClassicGroup | undefined {
    return this.live.get(groupId);
  }

  /** One of another kind than classic that has this id. */
  foreign(groupId: string): ForeignGroup | undefined {
    if (this.live.has(groupId)) return undefined;
    const stored = this.stored.get(groupId);
    return stored === undefined || stored.kind === 'classic' ? undefined : stored;
  }

  create(groupId: string, nowMs: bigint): ClassicGroup {
    const group = new ClassicGroup(groupId, nowMs);
    this.live.set(groupId, group);
    return group;
  }

  /** False for one that has been deleted, or whose creation was lost. */
  isLive(group: ClassicGroup): boolean {
    return this.live.get(group.groupId) === group;
  }

  /** Nobody finds it any more; its timers stop. Whoever waits in it must have been answered. */
  drop(turn: Turn, group: ClassicGroup): void {
    this.live.delete(group.groupId);
    turn.cancel(joinTimer(group));
    turn.cancel(syncTimer(group));
    for (const memberId of [...group.members.keys(), ...group.pendingJoins]) turn.cancel(sessionTimer(group, memberId));
  }

  delete(turn: GroupTurn, groupId: string): void {
    const group = this.live.get(groupId);
    if (group !== undefined) this.drop(turn, group);
    turn.append(groupTombstone(groupId));
  }

  clear(): void {
    this.live.clear();
  }
}

export const joinTimer = ({ groupId }: ClassicGroup): string => `join:${groupId}`;
export const syncTimer = ({ groupId }: ClassicGroup): string => `sync:${groupId}`;
/** Ids are any text: the length keeps two pairs of them apart. */
export const sessionTimer = ({ groupId }: ClassicGroup, memberId: string): string =>
  `session:${groupId.length}:${groupId}:${memberId}`;

function restored(groupId: string, metadata: StoredGroupMetadata | null): ClassicGroup {
  const group = new ClassicGroup(groupId, metadata?.currentStateTimestamp ?? noTimestamp);
  if (metadata === null) return group;
  group.generationId = metadata.generation;
  group.protocolType = metadata.protocolType === '' ? null : metadata.protocolType;
  group.protocolName = metadata.protocol;
  const instances = new Set<string>();
  for (const stored of metadata.members) {
    const { memberId, groupInstanceId, sessionTimeout, rebalanceTimeout } = stored;
    // What no coordinator writes: an id or an instance twice.
    if (group.members.has(memberId) || (groupInstanceId !== null && instances.has(groupInstanceId))) continue;
    if (groupInstanceId !== null) instances.add(groupInstanceId);
    const member = new Member({
      memberId,
      groupInstanceId,
      clientId: stored.clientId,
      clientHost: stored.clientHost,
      sessionTimeoutMs: sessionTimeout,
      rebalanceTimeoutMs: rebalanceTimeout === -1 ? sessionTimeout : rebalanceTimeout,
      protocols: [{ name: metadata.protocol ?? '', metadata: stored.subscription }],
      assignment: stored.assignment,
    });
    group.add(member, metadata.protocolType);
  }
  if (group.members.size > 0) {
    group.state = 'Stable';
    if (metadata.leader !== null && group.members.has(metadata.leader)) group.leaderId = metadata.leader;
  }
  group.learnSubscriptions();
  return group;
}
