// Every request is answered, the longest waits being those for a rebalance.
import { type GroupEvent, holds, type Invariant } from '../events.ts';
import { rebalanceTimeoutMs } from '../settings.ts';

/** A rebalance, the commit of what it has written, and what faults and a standstill add. */
const waitMsMax = rebalanceTimeoutMs + 30_000;

export class Answers implements Invariant {
  private readonly waiting = new Map<number, { readonly what: string; readonly atMs: number }>();

  see(event: GroupEvent): void {
    if (event.type === 'asked') this.waiting.set(event.request, event);
    else if (event.type === 'answered') this.waiting.delete(event.request);
  }

  check(nowMs: number): void {
    for (const { what, atMs } of this.waiting.values()) {
      holds(nowMs - atMs < waitMsMax, `whoever asks is answered: ${what} at ${atMs}, now it is ${nowMs}`);
    }
  }

  checkAll(): void {
    const left = [...this.waiting.values()].map(({ what, atMs }) => `${what} at ${atMs}`);
    holds(left.length === 0, `everybody is answered in the end: ${left.join(', ')}`);
  }
}
