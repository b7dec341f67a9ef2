// Offsets committed in transactions that have not ended. They count for nobody yet, but who wants stable offsets has to
// wait for them, and neither expiry nor the end of a group may forget them. Current state only: no committed reader asks.
import type { Timeline } from '../../coordinator/timeline.ts';
import type { OffsetValue } from './columns.ts';

export interface PendingOffset {
  readonly producerId: bigint;
  readonly groupId: string;
  readonly topic: string;
  readonly partition: number;
  readonly value: OffsetValue;
  readonly recordOffset: bigint;
}

type ByProducer = Map<bigint, PendingOffset>;
type ByPartition = Map<number, ByProducer>;
type ByTopic = Map<string, ByPartition>;

export class PendingOffsets {
  private readonly timeline: Timeline;
  private readonly transactions = new Map<bigint, Set<PendingOffset>>();
  /** No level ever holds an empty map. */
  private readonly groups = new Map<string, ByTopic>();

  constructor(timeline: Timeline) {
    this.timeline = timeline;
  }

  put(pending: PendingOffset): void {
    const { groupId, topic, partition, producerId } = pending;
    const before = this.groups.get(groupId)?.get(topic)?.get(partition)?.get(producerId);
    if (before !== undefined) this.drop(before);
    this.note(() => this.unlink(pending));
    this.link(pending);
  }

  /** A tombstone takes those of every transaction. */
  remove(groupId: string, topic: string, partition: number): void {
    const byProducer = this.groups.get(groupId)?.get(topic)?.get(partition);
    for (const pending of [...(byProducer?.values() ?? [])]) this.drop(pending);
  }

  /** The transaction has ended; hands over what it had. */
  end(producerId: bigint): readonly PendingOffset[] {
    const ended = [...(this.transactions.get(producerId) ?? [])];
    for (const pending of ended) this.drop(pending);
    return ended;
  }

  has(groupId: string, topic: string, partition: number): boolean {
    return this.groups.get(groupId)?.get(topic)?.has(partition) === true;
  }

  hasGroup(groupId: string): boolean {
    return this.groups.has(groupId);
  }

  groupIds(): IterableIterator<string> {
    return this.groups.keys();
  }

  *ofGroup(groupId: string): IterableIterator<PendingOffset> {
    for (const byPartition of this.groups.get(groupId)?.values() ?? []) {
      for (const byProducer of byPartition.values()) yield* byProducer.values();
    }
  }
  private drop(pending: PendingOffset): void {
    this.note(() => this.link(pending));
    this.unlink(pending);
  }

  private note(takeBack: () => void): void {
    const offset = this.timeline.changing();
    if (offset !== undefined) this.timeline.note({ offset, takeBack, forget: nothing });
  }

  private link(pending: PendingOffset): void {
    const { groupId, topic, partition, producerId } = pending;
    const byTopic = ensured(this.groups, groupId, () => new Map<string, ByPartition>());
    const byPartition = ensured(byTopic, topic, () => new Map<number, ByProducer>());
    ensured(byPartition, partition, () => new Map<bigint, PendingOffset>()).set(producerId, pending);
    ensured(this.transactions, producerId, () => new Set<PendingOffset>()).add(pending);
  }

  private unlink(pending: PendingOffset): void {
    const { groupId, topic, partition, producerId } = pending;
    const byTopic = this.groups.get(groupId)!;
    const byPartition = byTopic.get(topic)!;
    const byProducer = byPartition.get(partition)!;
    byProducer.delete(producerId);
    if (byProducer.size === 0) byPartition.delete(partition);
    if (byPartition.size === 0) byTopic.delete(topic);
    if (byTopic.size === 0) this.groups.delete(groupId);
    const transaction = this.transactions.get(producerId)!;
    transaction.delete(pending);
    if (transaction.size === 0) this.transactions.delete(producerId);
  }
}

function ensured<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

function nothing(): void {}
