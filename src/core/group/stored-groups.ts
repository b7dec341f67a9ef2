// The groups there are, as the log has them. Classic ones with their last generation; of the other kinds, which only a
// directory taken over from Apache Kafka can hold, no more than that they are there and whether they have members.

import { type Timeline, TimelineMap } from '../coordinator/timeline.ts';
import type { GroupRecord, StoredGroupMetadata } from './records.ts';

/** Kafka's spelling on the wire. */
export type ForeignKind = 'consumer' | 'share' | 'streams';

export interface StoredClassic {
  readonly kind: 'classic';
  /** Null for one that only keeps offsets ("simple"): nothing but its offsets is in the log. */
  readonly metadata: StoredGroupMetadata | null;
}

export interface ForeignGroup {
  readonly kind: ForeignKind;
  readonly memberIds: ReadonlySet<string>;
}

export type StoredGroup = StoredClassic | ForeignGroup;

const simple: StoredClassic = { kind: 'classic', metadata: null };
const noMembers: ReadonlySet<string> = new Set();

export class StoredGroups {
  private readonly groups: TimelineMap<string, StoredGroup>;

  constructor(timeline: Timeline) {
    this.groups = new TimelineMap(timeline);
  }

  /** As decided, committed or not. */
  get(groupId: string): StoredGroup | undefined {
    return this.groups.get(groupId);
  }

  committed(groupId: string): StoredGroup | undefined {
    return this.groups.committed(groupId);
  }

  entries(): IterableIterator<[string, StoredGroup]> {
    return this.groups.entries();
  }

  committedEntries(): IterableIterator<[string, StoredGroup]> {
    return this.groups.committedEntries();
  }

  /** Offsets may come without a group: it is a simple one. */
  offsetCommitted(groupId: string): void {
    if (!this.groups.has(groupId)) this.groups.set(groupId, simple);
  }

  /** Returns the id of a group that this record has buried. */
  replay(record: GroupRecord): string | undefined {
    switch (record.type) {
      case 'groupMetadata':
        return this.replayClassic(record.key.group, record.value?.data ?? null);
      case 'consumerGroupMetadata':
        return this.replayForeign('consumer', record.key.groupId, record.value === null);
      case 'shareGroupMetadata':
        return this.replayForeign('share', record.key.groupId, record.value === null);
      case 'streamsGroupMetadata':
        return this.replayForeign('streams', record.key.groupId, record.value === null);
      case 'consumerGroupMemberMetadata':
        return this.replayForeignMember('consumer', record.key, record.value === null);
      case 'shareGroupMemberMetadata':
        return this.replayForeignMember('share', record.key, record.value === null);
      case 'streamsGroupMemberMetadata':
        return this.replayForeignMember('streams', record.key, record.value === null);
      default:
        return undefined;
    }
  }

  private replayClassic(groupId: string, metadata: StoredGroupMetadata | null): string | undefined {
    if (metadata !== null) this.groups.set(groupId, { kind: 'classic', metadata: owned(metadata) });
    else if (this.groups.get(groupId)?.kind === 'classic') return this.bury(groupId);
    return undefined;
  }

  private replayForeign(kind: ForeignKind, groupId: string, gone: boolean): string | undefined {
    const before = this.groups.get(groupId);
    if (!gone) this.groups.set(groupId, before?.kind === kind ? before : { kind, memberIds: noMembers });
    else if (before?.kind === kind) return this.bury(groupId);
    return undefined;
  }

  private replayForeignMember(
    kind: ForeignKind,
    { groupId, memberId }: { readonly groupId: string; readonly memberId: string },
    gone: boolean,
  ): undefined {
    const before = this.groups.get(groupId);
    const known = before?.kind === kind ? before.memberIds : undefined;
    if (gone && known === undefined) return undefined;
    const memberIds = new Set(known);
    if (gone) memberIds.delete(memberId);
    else memberIds.add(memberId);
    this.groups.set(groupId, { kind, memberIds });
    return undefined;
  }

  private bury(groupId: string): string {
    this.groups.delete(groupId);
    return groupId;
  }
}

/** The record's bytes are borrowed from the batch. */
const owned = (metadata: StoredGroupMetadata): StoredGroupMetadata => ({
  ...metadata,
  members: metadata.members.map(member => ({
    ...member,
    subscription: new Uint8Array(member.subscription),
    assignment: new Uint8Array(member.assignment),
  })),
});
