// Time that a test moves: one queue ordered by (time, arrival), promises settle between two steps.
import type { Clock } from '../../src/runtime/ports.ts';

/** Of one run: more is a loop that takes no time. */
const stepsMax = 1_000_000;

interface Due {
  readonly atMs: number;
  run: () => void;
}

export class SimulatedClock implements Clock {
  private nowMs = 0;
  private wallOffsetMs = 1_700_000_000_000n;
  private readonly queue: Due[] = [];

  wallMs(): bigint {
    return this.wallOffsetMs + BigInt(Math.floor(this.nowMs));
  }

  monotonicMs(): number {
    return this.nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const due = { atMs: this.nowMs + delayMs, run };
    let low = 0;
    for (let high = this.queue.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (this.queue[middle]!.atMs <= due.atMs) low = middle + 1;
      else high = middle;
    }
    this.queue.splice(low, 0, due);
    return () => {
      const at = this.queue.indexOf(due);
      if (at >= 0) this.queue.splice(at, 1);
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise(resolve => void this.after(ms, resolve));
  }

  /** What is due within `forMs` happens; then it is that much later. */
  async run(forMs = 0): Promise<void> {
    const untilMs = this.nowMs + forMs;
    await promisesSettle();
    for (let next = this.queue[0], steps = 0; next !== undefined && next.atMs <= untilMs; next = this.queue[0]) {
      if (++steps > stepsMax) throw new Error('the simulation does not come to rest');
      this.queue.shift();
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
      await promisesSettle();
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
  }

  /** The wall clock is set; what is waited for does not notice. */
  setWall(byMs: number): void {
    this.wallOffsetMs += BigInt(byMs);
  }

  /** The process stands still: everything that becomes due meanwhile happens late. */
  stall(forMs: number): void {
    this.nowMs += forMs;
  }
}

const promisesSettle = (): Promise<void> => new Promise(resolve => void setImmediate(resolve));
