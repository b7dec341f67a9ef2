// The timers of one shard, by key. Putting off a timer, which every heartbeat does, only notes the new deadline: the heap
// learns of it when the old one comes up. One `clock.after` is armed at a time.
import type { Turn } from '../../core/coordinator/turn.ts';
import type { Clock } from '../ports.ts';

export type Expire<Stored> = (turn: Turn<Stored>) => void;

interface Timer<Stored> {
  readonly key: string;
  expire: Expire<Stored>;
  deadlineMs: number;
  /** Orders timers of one deadline: as they were scheduled. */
  order: number;
  cancelled: boolean;
}

/** A place in the heap; out of date when its timer was put off, cancelled or brought forward. */
interface Place<Stored> {
  readonly atMs: number;
  readonly order: number;
  readonly timer: Timer<Stored>;
}

/** Longer sleeps are cut into these: setTimeout takes no more than 31 bits. */
const sleepMsMax = 0x7fff_ffff;
/** Expiries in one go; the rest come after other work of the event loop. */
const expiriesAtOnce = 256;
/** The heap is cleared of what is out of date when it holds more than this and twice the timers. */
const heapSizeMin = 1_024;

export class KeyedTimers<Stored> {
  private readonly clock: Clock;
  private readonly run: (expire: Expire<Stored>) => void;
  private readonly timers = new Map<string, Timer<Stored>>();
  private heap: Place<Stored>[] = [];
  private order = 0;
  private armedMs = Number.POSITIVE_INFINITY;
  private disarm: () => void = () => {};

  /** `run` is called with what an expired timer wants done. */
  constructor(clock: Clock, run: (expire: Expire<Stored>) => void) {
    this.clock = clock;
    this.run = run;
  }

  get size(): number {
    return this.timers.size;
  }

  schedule(key: string, delayMs: number, expire: Expire<Stored>): void {
    const deadlineMs = this.clock.monotonicMs() + Math.max(0, delayMs);
    const order = this.order++;
    const known = this.timers.get(key);
    if (known !== undefined && known.deadlineMs <= deadlineMs) {
      known.deadlineMs = deadlineMs;
      known.order = order;
      known.expire = expire;
      return;
    }
    if (known !== undefined) known.cancelled = true;
    const timer = { key, expire, deadlineMs, order, cancelled: false };
    this.timers.set(key, timer);
    this.push({ atMs: deadlineMs, order, timer });
    this.arm();
  }

  cancel(key: string): void {
    const timer = this.timers.get(key);
    if (timer === undefined) return;
    timer.cancelled = true;
    this.timers.delete(key);
    if (this.heap.length > heapSizeMin && this.heap.length > 2 * this.timers.size) this.sweep();
  }

  clear(): void {
    for (const timer of this.timers.values()) timer.cancelled = true;
    this.timers.clear();
    this.heap = [];
    this.disarm();
    this.armedMs = Number.POSITIVE_INFINITY;
  }

  private arm(): void {
    const next = this.heap[0];
    if (next === undefined || next.atMs >= this.armedMs) return;
    this.disarm();
    this.armedMs = next.atMs;
    const delayMs = Math.min(sleepMsMax, Math.max(0, next.atMs - this.clock.monotonicMs()));
    this.disarm = this.clock.after(delayMs, () => this.wake());
  }

  private wake(): void {
    this.armedMs = Number.POSITIVE_INFINITY;
    const nowMs = this.clock.monotonicMs();
    for (let expired = 0; expired < expiriesAtOnce; ) {
      const next = this.heap[0];
      if (next === undefined || next.atMs > nowMs) break;
      this.pop();
      const { timer } = next;
      if (timer.cancelled) continue;
      if (timer.deadlineMs > next.atMs || timer.order !== next.order) {
        this.push({ atMs: timer.deadlineMs, order: timer.order, timer });
        continue;
      }
      timer.cancelled = true;
      this.timers.delete(timer.key);
      expired++;
      this.run(timer.expire);
    }
    this.arm();
  }

  private sweep(): void {
    this.heap = [];
    for (const timer of this.timers.values()) this.push({ atMs: timer.deadlineMs, order: timer.order, timer });
  }

  private push(place: Place<Stored>): void {
    const { heap } = this;
    let at = heap.push(place) - 1;
    for (let above = (at - 1) >> 1; at > 0 && before(place, heap[above]!); above = (at - 1) >> 1) {
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = place;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && before(heap[below + 1]!, heap[below]!)) below++;
      if (!before(heap[below]!, last)) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = last;
  }
}

const before = <S>(a: Place<S>, b: Place<S>): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
