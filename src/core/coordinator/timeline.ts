// State that can be read as committed and taken back to any offset that is not: maps that remember, for what is not
// committed yet, what was there before. Loading remembers nothing; steady state costs one journal entry per change.
import { assert } from '../../base/assert.ts';

/** One change of one map, as the journal keeps it. */
interface Change {
  /** Offset of the record that made it. */
  readonly offset: bigint;
  takeBack(): void;
  forget(): void;
}

type Mode = 'loading' | 'replaying' | 'sealed';

export class Timeline {
  private journal: Change[] = [];
  private head = 0;
  private offset = 0n;
  private mode: Mode = 'loading';

  /** Changes from now on belong to the record at `offset`; undefined while loading: they are committed as they come. */
  at(offset: bigint | undefined): void {
    if (offset === undefined) {
      assert(this.uncommitted === 0, 'nothing is loaded over what is not committed');
      this.mode = 'loading';
      return;
    }
    assert(offset >= (this.journal.at(-1)?.offset ?? 0n), 'a timeline only goes forward');
    this.offset = offset;
    this.mode = 'replaying';
  }

  /** Until the next `at`, nothing may change: whoever does is no record. */
  seal(): void {
    this.mode = 'sealed';
  }

  /** Changes that are not committed. */
  get uncommitted(): number {
    return this.journal.length - this.head;
  }

  /** Everything below `end` is committed. */
  commit(end: bigint): void {
    for (let next = this.journal[this.head]; next !== undefined && next.offset < end; next = this.journal[this.head]) {
      next.forget();
      this.head++;
    }
    // Amortised: the dead front is cut off once it is the larger half.
    if (this.head * 2 > this.journal.length) {
      this.journal = this.journal.slice(this.head);
      this.head = 0;
    }
  }

  /** Takes back every change of the records from `offset` on. */
  revert(offset: bigint): void {
    while (this.uncommitted > 0 && this.journal.at(-1)!.offset >= offset) this.journal.pop()!.takeBack();
    if (this.mode === 'replaying') this.mode = 'sealed';
  }

  /** For the structures built on it: the offset that the change now made belongs to; undefined when nothing is kept. */
  changing(): bigint | undefined {
    assert(this.mode !== 'sealed', 'stored state changes by replay only');
    return this.mode === 'loading' ? undefined : this.offset;
  }

  /** For the structures built on it, behind `changing`. */
  note(change: Change): void {
    this.journal.push(change);
  }
}

const absent = Symbol('absent');
type Maybe<V> = V | typeof absent;

/** What is committed of a key whose newest changes are not. */
interface Behind<V> {
  committed: Maybe<V>;
  /** Uncommitted changes of the key. */
  changes: number;
}

/** Values are immutable: put a new one instead of changing one. */
export class TimelineMap<K, V> {
  private readonly timeline: Timeline;
  private readonly current = new Map<K, V>();
  private readonly behind = new Map<K, Behind<V>>();

  constructor(timeline: Timeline) {
    this.timeline = timeline;
  }

  get size(): number {
    return this.current.size;
  }

  get(key: K): V | undefined {
    return this.current.get(key);
  }

  has(key: K): boolean {
    return this.current.has(key);
  }

  set(key: K, value: V): void {
    const offset = this.timeline.changing();
    if (offset !== undefined) this.remember(offset, key, value);
    this.current.set(key, value);
  }

  delete(key: K): boolean {
    const offset = this.timeline.changing();
    if (!this.current.has(key)) return false;
    if (offset !== undefined) this.remember(offset, key, absent);
    return this.current.delete(key);
  }

  entries(): IterableIterator<[K, V]> {
    return this.current.entries();
  }

  keys(): IterableIterator<K> {
    return this.current.keys();
  }

  values(): IterableIterator<V> {
    return this.current.values();
  }

  /** What is stored for good. */
  committed(key: K): V | undefined {
    const behind = this.behind.get(key);
    if (behind === undefined) return this.current.get(key);
    return behind.committed === absent ? undefined : behind.committed;
  }

  *committedEntries(): IterableIterator<[K, V]> {
    for (const entry of this.current) if (!this.behind.has(entry[0])) yield entry;
    for (const [key, { committed }] of this.behind) if (committed !== absent) yield [key, committed];
  }

  private remember(offset: bigint, key: K, after: Maybe<V>): void {
    const before: Maybe<V> = this.current.has(key) ? this.current.get(key)! : absent;
    const behind = this.behind.get(key);
    if (behind === undefined) this.behind.set(key, { committed: before, changes: 1 });
    else behind.changes++;
    this.timeline.note({
      offset,
      takeBack: () => {
        if (before === absent) this.current.delete(key);
        else this.current.set(key, before);
        this.settle(key);
      },
      forget: () => {
        const settled = this.settle(key);
        if (settled !== undefined) settled.committed = after;
      },
    });
  }

  /** One change of the key less; returns what is still behind. */
  private settle(key: K): Behind<V> | undefined {
    const behind = this.behind.get(key);
    assert(behind !== undefined, 'every uncommitted change is counted');
    behind.changes--;
    if (behind.changes > 0) return behind;
    this.behind.delete(key);
    return undefined;
  }
}
