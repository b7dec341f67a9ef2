// An immutable map keyed by strings whose changed copy shares all but one of its shards: a cluster of 100,000 topics
// costs a few hundred entries per change, not 100,000 (docs/architecture.md, section 7).

const shardCount = 512;

type Shard<V> = ReadonlyMap<string, V>;

const emptyShard: Shard<never> = new Map<string, never>();
const emptyShards: readonly Shard<never>[] = Object.freeze(new Array<Shard<never>>(shardCount).fill(emptyShard));

export class StringMap<V> implements Iterable<[string, V]> {
  private readonly shards: readonly Shard<V>[];
  readonly size: number;

  private constructor(shards: readonly Shard<V>[], size: number) {
    this.shards = shards;
    this.size = size;
  }

  static empty<V>(): StringMap<V> {
    return new StringMap<V>(emptyShards, 0);
  }

  get(key: string): V | undefined {
    return this.shards[shardOf(key)]!.get(key);
  }

  has(key: string): boolean {
    return this.shards[shardOf(key)]!.has(key);
  }

  /** Many changes at once, each shard copied once; undefined removes. */
  withAll(changes: ReadonlyMap<string, V | undefined>): StringMap<V> {
    if (changes.size === 0) return this;
    const copied = new Map<number, Map<string, V>>();
    let size = this.size;
    for (const [key, value] of changes) {
      const at = shardOf(key);
      const shard = copied.get(at) ?? new Map(this.shards[at]!);
      copied.set(at, shard);
      const before = shard.size;
      if (value === undefined) shard.delete(key);
      else shard.set(key, value);
      size += shard.size - before;
    }
    const shards = this.shards.slice();
    for (const [at, shard] of copied) shards[at] = shard;
    return new StringMap<V>(shards, size);
  }

  /** Every entry; grouped by shard, so in no meaningful order, but always in the same one for the same history. */
  *[Symbol.iterator](): Iterator<[string, V]> {
    for (const shard of this.shards) yield* shard;
  }

  *values(): IterableIterator<V> {
    for (const shard of this.shards) yield* shard.values();
  }

  *keys(): IterableIterator<string> {
    for (const shard of this.shards) yield* shard.keys();
  }
}

// FNV-1a over UTF-16 units: cheap, and spreads the names and ids that occur.
function shardOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) & (shardCount - 1);
}
