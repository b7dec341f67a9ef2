// Work over all groups of a shard, of which there may be very many: done in parts, each in a turn of its own, one sweep
// after the other. Between two parts anything may change, so each step goes by what it finds.
import type { GroupTurn } from './groups-view.ts';
import { offsetTombstone } from './records.ts';

export type SweepStep =
  | { readonly kind: 'kept' }
  | { readonly kind: 'bury'; readonly groupId: string; readonly topic: string; readonly partition: number }
  /** The group seems to have no offsets, once those buried so far are gone. */
  | { readonly kind: 'emptied'; readonly groupId: string };

export type Sweep = Iterator<SweepStep, void>;

/** What one turn may look at and, roughly, write: a millisecond's work, and far less than a batch may hold. */
const stepsPerTurn = 5_000;
const bytesPerTurn = 128 * 1024;
/** Of a record besides its names. */
const recordOverheadBytes = 32;
/** Of UTF-8 per UTF-16 unit, at most. */
const bytesPerUnit = 3;

const timer = 'offsets sweep';
/** Other work of the event loop comes in between. */
const betweenPartsMs = 1;

export class Sweeps {
  private readonly deleteEmptied: (turn: GroupTurn, groupId: string) => void;
  private readonly waiting: Sweep[] = [];
  private running: Sweep | undefined;
  /** Seen in the part before; what that part has written is replayed by now. */
  private emptied: string[] = [];
  private scheduled = false;

  /** `deleteEmptied` checks for itself whether the group is still without offsets. */
  constructor(deleteEmptied: (turn: GroupTurn, groupId: string) => void) {
    this.deleteEmptied = deleteEmptied;
  }

  start(turn: GroupTurn, sweep: Sweep): void {
    this.waiting.push(sweep);
    if (!this.scheduled) this.advance(turn);
  }

  private advance(turn: GroupTurn): void {
    const emptied = this.emptied;
    this.emptied = [];
    for (const groupId of emptied) {
      this.deleteEmptied(turn, groupId);
      turn.divide();
    }
    this.sweepPart(turn);
    this.scheduled = this.running !== undefined || this.emptied.length > 0;
    if (!this.scheduled) return;
    turn.schedule(timer, betweenPartsMs, next => this.advance(next));
  }

  private sweepPart(turn: GroupTurn): void {
    let bytes = 0;
    for (let steps = 0; steps < stepsPerTurn && bytes < bytesPerTurn; steps++) {
      this.running ??= this.waiting.shift();
      if (this.running === undefined) return;
      const { done, value: step } = this.running.next();
      if (done === true) {
        this.running = undefined;
      } else if (step.kind === 'bury') {
        turn.append(offsetTombstone(step.groupId, step.topic, step.partition));
        turn.divide();
        bytes += (step.groupId.length + step.topic.length) * bytesPerUnit + recordOverheadBytes;
      } else if (step.kind === 'emptied') {
        this.emptied.push(step.groupId);
        bytes += step.groupId.length * bytesPerUnit + recordOverheadBytes;
      }
    }
  }
}
