// A first-in first-out queue whose limit has a name. A full queue is an answer: `offer` says so and the caller decides.

export class Bounded<T> {
  private items: (T | undefined)[] = [];
  private head = 0;
  readonly name: string;
  readonly max: number;

  constructor(name: string, max: number) {
    this.name = name;
    this.max = max;
  }

  get size(): number {
    return this.items.length - this.head;
  }

  get full(): boolean {
    return this.size >= this.max;
  }

  /** False when full; the item was not taken. */
  offer(item: T): boolean {
    if (this.full) return false;
    this.items.push(item);
    return true;
  }

  peek(): T | undefined {
    return this.items[this.head];
  }

  take(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.items[this.head];
    this.items[this.head++] = undefined;
    // Amortised: the dead front is cut off once it is the larger half.
    if (this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }

  /** Empties the queue and returns what was in it, oldest first. */
  drain(): T[] {
    const out = this.items.slice(this.head) as T[];
    this.items = [];
    this.head = 0;
    return out;
  }
}
