// Partition to slot, for the partitions of one topic: mostly 0 to n, which an array of small integers holds in a tenth of
// what a Map takes. Numbers far beyond the others, which any client may commit to, go into a Map.

const none = -1;
/** How far beyond the end of the array a partition may lie and still extend it. */
const gapMax = 64;

export class PartitionSlots {
  private readonly dense: number[] = [];
  private sparse: Map<number, number> | undefined;
  private count = 0;

  get size(): number {
    return this.count;
  }

  get(partition: number): number | undefined {
    const slot = this.dense[partition];
    if (slot !== undefined && slot !== none) return slot;
    return this.sparse?.get(partition);
  }

  set(partition: number, slot: number): void {
    const { dense } = this;
    if (this.get(partition) === undefined) this.count++;
    if (partition < 0 || partition >= dense.length + gapMax || this.sparse?.has(partition)) {
      this.sparse ??= new Map();
      this.sparse.set(partition, slot);
      return;
    }
    while (dense.length < partition) dense.push(none);
    dense[partition] = slot;
  }

  delete(partition: number): void {
    if (this.get(partition) === undefined) return;
    this.count--;
    if (!this.sparse?.delete(partition)) this.dense[partition] = none;
  }

  /** Partitions may come and go meanwhile. */
  *[Symbol.iterator](): IterableIterator<[partition: number, slot: number]> {
    for (let partition = 0; partition < this.dense.length; partition++) {
      const slot = this.dense[partition]!;
      if (slot !== none) yield [partition, slot];
    }
    if (this.sparse !== undefined) yield* this.sparse;
  }
}
