// Group -> topic -> partition -> offset, over a timeline: what is current, what is committed, and back again. While
// loading an offset is overwritten in its slot and nothing is remembered.
import { type Uuid, zeroUuid } from '../../../base/uuid.ts';
import type { Timeline } from '../../coordinator/timeline.ts';
import { absent, OffsetColumns, type OffsetValue, settled } from './columns.ts';
import { PartitionSlots } from './partition-slots.ts';

/** Whether a reader is shown what is not committed yet. */
export type Reading = 'current' | 'committed';

interface TopicOffsets {
  readonly groupId: string;
  readonly topic: string;
  /** Partition to slot of the newest version. */
  readonly slots: PartitionSlots;
  /** The id its offsets were last stored with; they share the string. */
  topicId: Uuid;
}

interface GroupOffsets {
  readonly topics: Map<string, TopicOffsets>;
  /** How many offsets there are in current state. */
  live: number;
}

export class OffsetTable {
  readonly columns = new OffsetColumns();
  private readonly timeline: Timeline;
  private readonly groups = new Map<string, GroupOffsets>();
  /** The records of one commit follow each other: the last two look-ups are mostly the next ones. */
  private lastGroupId = '';
  private lastGroup: GroupOffsets | undefined;
  private lastTopic: TopicOffsets | undefined;

  constructor(timeline: Timeline) {
    this.timeline = timeline;
  }

  /** Replay. True when it is the group's only offset. */
  put(groupId: string, topic: string, partition: number, value: OffsetValue, recordOffset: bigint): boolean {
    const group = this.groupOf(groupId);
    const offsets = this.topicOf(group, groupId, topic);
    if (value.topicId !== offsets.topicId) offsets.topicId = value.topicId;
    const { topicId } = offsets;
    const slot = offsets.slots.get(partition);
    const at = this.timeline.changing();
    if (at === undefined) {
      if (slot !== undefined) {
        this.columns.put(slot, value, topicId, recordOffset);
        return false;
      }
      offsets.slots.set(partition, this.columns.add(value, topicId, recordOffset, settled));
      return ++group.live === 1;
    }
    const born = slot === undefined || this.columns.isTombstone(slot);
    this.change(at, group, offsets, partition, this.columns.add(value, topicId, recordOffset, slot ?? absent));
    if (born) group.live++;
    return born && group.live === 1;
  }

  /** Replay of a tombstone. */
  remove(groupId: string, topic: string, partition: number): void {
    const group = this.groups.get(groupId);
    const offsets = group?.topics.get(topic);
    const slot = offsets?.slots.get(partition);
    if (group === undefined || offsets === undefined || slot === undefined || this.columns.isTombstone(slot)) return;
    const at = this.timeline.changing();
    group.live--;
    if (at !== undefined) {
      this.change(at, group, offsets, partition, this.columns.addTombstone(slot));
    } else {
      this.columns.free(slot);
      this.drop(group, offsets, partition);
    }
  }

  /** Slot of the offset, or undefined. */
  find(groupId: string, topic: string, partition: number, reading: Reading): number | undefined {
    const slot = this.groups.get(groupId)?.topics.get(topic)?.slots.get(partition);
    return slot === undefined ? undefined : this.seen(slot, reading);
  }

  /** How many offsets the group has in current state. */
  count(groupId: string): number {
    return this.groups.get(groupId)?.live ?? 0;
  }

  /** Topics of the group's offsets; some may hold nothing for this reading. */
  topics(groupId: string): Iterable<string> {
    return this.groups.get(groupId)?.topics.keys() ?? [];
  }

  /** Partition and slot of each offset. Offsets may come and go while it is iterated. */
  *partitions(groupId: string, topic: string, reading: Reading): IterableIterator<[partition: number, slot: number]> {
    const offsets = this.groups.get(groupId)?.topics.get(topic);
    if (offsets === undefined) return;
    for (const [partition, newest] of offsets.slots) {
      const slot = this.seen(newest, reading);
      if (slot !== undefined) yield [partition, slot];
    }
  }

  groupIds(): IterableIterator<string> {
    return this.groups.keys();
  }

  private seen(newest: number, reading: Reading): number | undefined {
    let slot = newest;
    if (reading === 'committed') {
      for (let before = this.columns.previous(slot); before !== settled; before = this.columns.previous(slot)) {
        if (before === absent) return undefined;
        slot = before;
      }
    }
    return this.columns.isTombstone(slot) ? undefined : slot;
  }

  private change(at: bigint, group: GroupOffsets, offsets: TopicOffsets, partition: number, slot: number): void {
    offsets.slots.set(partition, slot);
    this.timeline.note({
      offset: at,
      takeBack: () => this.takeBack(group, offsets, partition, slot),
      forget: () => this.forget(group, offsets, partition, slot),
    });
  }

  private takeBack(group: GroupOffsets, offsets: TopicOffsets, partition: number, slot: number): void {
    const before = this.columns.previous(slot);
    if (!this.columns.isTombstone(slot)) group.live--;
    if (before !== absent && !this.columns.isTombstone(before)) group.live++;
    this.columns.free(slot);
    if (before === absent) this.drop(group, offsets, partition);
    else offsets.slots.set(partition, before);
  }

  /** The slot is committed: what it replaced is of no more use, and neither is a tombstone that nothing has replaced. */
  private forget(group: GroupOffsets, offsets: TopicOffsets, partition: number, slot: number): void {
    const before = this.columns.previous(slot);
    if (before !== absent) this.columns.free(before);
    this.columns.settle(slot);
    if (!this.columns.isTombstone(slot) || offsets.slots.get(partition) !== slot) return;
    this.columns.free(slot);
    this.drop(group, offsets, partition);
  }

  private groupOf(groupId: string): GroupOffsets {
    if (this.lastGroup !== undefined && this.lastGroupId === groupId) return this.lastGroup;
    let group = this.groups.get(groupId);
    if (group === undefined) {
      group = { topics: new Map(), live: 0 };
      this.groups.set(groupId, group);
    }
    this.lastGroupId = groupId;
    this.lastGroup = group;
    this.lastTopic = undefined;
    return group;
  }

  private topicOf(group: GroupOffsets, groupId: string, topic: string): TopicOffsets {
    if (this.lastTopic !== undefined && this.lastTopic.topic === topic) return this.lastTopic;
    let offsets = group.topics.get(topic);
    if (offsets === undefined) {
      offsets = { groupId, topic, slots: new PartitionSlots(), topicId: zeroUuid };
      group.topics.set(topic, offsets);
    }
    this.lastTopic = offsets;
    return offsets;
  }

  /** Nothing remembers an empty map: every change still to be committed or taken back has a slot in it. */
  private drop(group: GroupOffsets, offsets: TopicOffsets, partition: number): void {
    offsets.slots.delete(partition);
    if (offsets.slots.size > 0) return;
    group.topics.delete(offsets.topic);
    if (group.topics.size === 0) this.groups.delete(offsets.groupId);
    this.lastGroup = undefined;
    this.lastTopic = undefined;
  }
}
