// Numbers the partitions of one data plane: an index into its table and a generation, so that an event about a dropped
// partition can never be taken for one about its successor. One instance per plane; the metadata log takes the first.
import type { Uuid } from '../base/uuid.ts';
import type { PartitionHandle } from './ports.ts';

export interface NamedPartition {
  readonly topicId: Uuid;
  readonly topic: string;
  readonly partitionIndex: number;
  readonly handle: PartitionHandle;
}

export class PartitionHandles {
  private readonly byIndex: (NamedPartition | undefined)[] = [];
  private readonly generations: number[] = [];
  private readonly free: number[] = [];
  private readonly byName = new Map<string, NamedPartition>();

  get size(): number {
    return this.byName.size;
  }

  /** The handle of the partition, a new one if it has none. */
  allocate(topicId: Uuid, topic: string, partitionIndex: number): PartitionHandle {
    const key = keyOf(topicId, partitionIndex);
    const known = this.byName.get(key);
    if (known !== undefined) return known.handle;
    const index = this.free.pop() ?? this.byIndex.length;
    const generation = (this.generations[index] ?? 0) + 1;
    const named = { topicId, topic, partitionIndex, handle: { index, generation } };
    this.generations[index] = generation;
    this.byIndex[index] = named;
    this.byName.set(key, named);
    return named.handle;
  }

  /** Call when the plane is done with it (`drop` answered): the index is given to another partition. */
  release(handle: PartitionHandle): void {
    const named = this.named(handle);
    if (named === undefined) return;
    this.byName.delete(keyOf(named.topicId, named.partitionIndex));
    this.byIndex[handle.index] = undefined;
    this.free.push(handle.index);
  }

  of(topicId: Uuid, partitionIndex: number): PartitionHandle | undefined {
    return this.byName.get(keyOf(topicId, partitionIndex))?.handle;
  }

  /** Undefined for a handle that was released. */
  named(handle: PartitionHandle): NamedPartition | undefined {
    const named = this.byIndex[handle.index];
    return named?.handle.generation === handle.generation ? named : undefined;
  }
}

const keyOf = (topicId: Uuid, partitionIndex: number): string => `${topicId}/${partitionIndex}`;

export const sameHandle = (a: PartitionHandle, b: PartitionHandle): boolean =>
  a.index === b.index && a.generation === b.generation;
