// State that can be read as committed and taken back to any offset that is not: maps that remember, for what is not
// committed yet, what was there before. Loading remembers nothing; steady state costs one journal entry per change.
import { assert } from '../../base/assert.ts';

interface Change {
  /** Offset of the record that made it. */
  readonly offset: bigint;
  takeBack(): void;
  forget(): void;
}

export class Timeline {
  private readonly journal: Change[] = [];
  private head = 0;
  private offset: bigint | undefined;

  /** Changes from now on belong to the record at `offset`; undefined while loading: they are committed as they come. */
  at(offset: bigint | undefined): void {
    assert(offset === undefined || offset >= (this.journal.at(-1)?.offset ?? 0n), 'a timeline only goes forward');
    this.offset = offset;
  }

  /** Everything below `end` is committed. */
  commit(end: bigint): void {
    for (
      let change = this.journal[this.head];
      change !== undefined && change.offset < end;
      change = this.journal[this.head]
    ) {
      change.forget();
      this.head++;
    }
    if (this.head * 2 > this.journal.length) {
      this.journal.splice(0, this.head);
      this.head = 0;
    }
  }

  /** Takes back every change of the records from `offset` on. */
  revert(offset: bigint): void {
    for (
      let change = this.journal.at(-1);
      change !== undefined && change.offset >= offset;
      change = this.journal.at(-1)
    ) {
      if (this.journal.length === this.head) break;
      change.takeBack();
      this.journal.pop();
    }
    this.offset = undefined;
  }

  /** For the structures built on it. */
  note(takeBack: () => void, forget: () => void): void {
    if (this.offset === undefined) return;
    this.journal.push({ offset: this.offset, takeBack, forget });
  }

  get remembers(): boolean {
    return this.offset !== undefined;
  }
}

const absent = Symbol('absent');
type Before<V> = V | typeof absent;

/** Values are immutable: put a new one instead of changing one. */
export class TimelineMap<K, V> {
  private readonly timeline: Timeline;
  private readonly current = new Map<K, V>();
  /** For each key with uncommitted changes: the committed value, and then what each change but the last has put. */
  private readonly uncommitted = new Map<K, Before<V>[]>();

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
    this.remember(key);
    this.current.set(key, value);
  }

  delete(key: K): boolean {
    if (!this.current.has(key)) return false;
    this.remember(key);
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
    const before = this.uncommitted.get(key);
    if (before === undefined) return this.current.get(key);
    const value = before[0]!;
    return value === absent ? undefined : value;
  }

  *committedEntries(): IterableIterator<[K, V]> {
    for (const [key, value] of this.current) {
      const before = this.uncommitted.get(key);
      if (before === undefined) yield [key, value];
    }
    for (const [key, before] of this.uncommitted) {
      const value = before[0]!;
      if (value !== absent) yield [key, value];
    }
  }

  private remember(key: K): void {
    if (!this.timeline.remembers) return;
    const value: Before<V> = this.current.has(key) ? this.current.get(key)! : absent;
    const before = this.uncommitted.get(key);
    if (before === undefined) this.uncommitted.set(key, [value]);
    else before.push(value);
    this.timeline.note(
      () => this.takeBack(key),
      () => this.forget(key),
    );
  }

  private takeBack(key: K): void {
    const before = this.uncommitted.get(key)!;
    const value = before.pop()!;
    if (value === absent) this.current.delete(key);
    else this.current.set(key, value);
    if (before.length === 0) this.uncommitted.delete(key);
  }

  private forget(key: K): void {
    const before = this.uncommitted.get(key)!;
    before.shift();
    if (before.length === 0) this.uncommitted.delete(key);
  }
}
