// Turns that wait until they are committed, in the order they were taken.
import type { ErrorName } from '../../protocol/errors.ts';
import type { Clock } from '../ports.ts';
import type { Answer, Repair } from './open-turn.ts';

interface ParkedTurn<Stored> {
  /** Committed once everything below is. */
  readonly endOffset: bigint;
  readonly deadlineMs: number;
  /** Empty once they were refused for taking too long. */
  answers: readonly Answer[];
  readonly repairs: readonly Repair<Stored>[];
}

export class Parking<Stored> {
  private readonly clock: Clock;
  private readonly timeoutMs: number;
  private turns: ParkedTurn<Stored>[] = [];
  /** Of the first turn whose answers have not timed out. */
  private fresh = 0;
  private armed = false;
  private disarm: () => void = () => {};

  constructor(clock: Clock, timeoutMs: number) {
    this.clock = clock;
    this.timeoutMs = timeoutMs;
  }

  get empty(): boolean {
    return this.turns.length === 0;
  }

  park(endOffset: bigint, answers: readonly Answer[], repairs: readonly Repair<Stored>[]): void {
    if (answers.length === 0 && repairs.length === 0) return;
    const deadlineMs = this.clock.monotonicMs() + this.timeoutMs;
    this.turns.push({ endOffset, deadlineMs, answers, repairs });
    this.arm();
  }

  /** Everything below `end` is committed: the answers go out. */
  release(end: bigint): void {
    let released = 0;
    for (let turn = this.turns[0]; turn !== undefined && turn.endOffset <= end; turn = this.turns[released]) {
      for (const answer of turn.answers) answer.release();
      released++;
    }
    this.turns.splice(0, released);
    this.fresh = Math.max(0, this.fresh - released);
  }

  /** What was built on the records from `offset` on is lost: refuses the answers, returns the repairs in order. */
  lose(offset: bigint, error: ErrorName): Repair<Stored>[] {
    const kept = this.turns.findIndex(({ endOffset }) => endOffset > offset);
    const lost = kept < 0 ? [] : this.turns.splice(kept);
    this.fresh = Math.min(this.fresh, this.turns.length);
    for (const { answers } of lost) for (const answer of answers) answer.refuse(error);
    return lost.flatMap(({ repairs }) => repairs);
  }

  clear(): void {
    this.turns = [];
    this.fresh = 0;
    this.disarm();
    this.armed = false;
  }

  private arm(): void {
    const oldest = this.turns[this.fresh];
    if (this.armed || oldest === undefined) return;
    this.armed = true;
    const delayMs = Math.max(0, oldest.deadlineMs - this.clock.monotonicMs());
    this.disarm = this.clock.after(delayMs, () => this.timeOut());
  }

  /** The records stay where they are; only nobody is told any more. */
  private timeOut(): void {
    this.armed = false;
    const nowMs = this.clock.monotonicMs();
    for (let turn = this.turns[this.fresh]; turn !== undefined; turn = this.turns[this.fresh]) {
      if (turn.deadlineMs > nowMs) break;
      for (const answer of turn.answers) answer.refuse('COORDINATOR_NOT_AVAILABLE');
      turn.answers = [];
      this.fresh++;
    }
    this.arm();
  }
}
