// One turn while the machine fills it in.
import { assert } from '../../base/assert.ts';
import { makeUuid, type Uuid } from '../../base/uuid.ts';
import type { Slot, Turn } from '../../core/coordinator/turn.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { Clock, Entropy } from '../ports.ts';
import { PendingSlot } from './pending-slot.ts';
import type { KeyedTimers } from './timers.ts';

export type Repair<Stored> = (turn: Turn<Stored>, error: ErrorName) => void;

/** An answer that a turn has given. */
export interface Answer {
  release(): void;
  refuse(error: ErrorName): void;
}

/** One that waits with its reply. */
class Decided<Reply> implements Answer {
  private readonly slot: PendingSlot<Reply>;
  private readonly reply: Reply;

  constructor(slot: PendingSlot<Reply>, reply: Reply) {
    this.slot = slot;
    this.reply = reply;
  }

  release(): void {
    this.slot.resolve(this.reply);
  }

  refuse(error: ErrorName): void {
    this.slot.refuse(error);
  }
}

export class OpenTurn<Stored> implements Turn<Stored> {
  /** Records that belong together; more than one such part only if the machine divides them. */
  readonly parts: Stored[][] = [[]];
  readonly answers: Answer[] = [];
  readonly repairs: Repair<Stored>[] = [];
  private readonly clock: Clock;
  private readonly entropy: Entropy;
  private readonly timers: KeyedTimers<Stored>;
  private lazyNowMs: bigint | undefined;
  private over = false;

  constructor(clock: Clock, entropy: Entropy, timers: KeyedTimers<Stored>) {
    this.clock = clock;
    this.entropy = entropy;
    this.timers = timers;
  }

  /** The same throughout a turn. Most turns are heartbeats and do not ask. */
  get nowMs(): bigint {
    this.lazyNowMs ??= this.clock.wallMs();
    return this.lazyNowMs;
  }

  get hasRecords(): boolean {
    return this.parts[0]!.length > 0;
  }

  newUuid(): Uuid {
    return makeUuid(() => this.entropy.uuid());
  }

  append(record: Stored): void {
    this.still().parts.at(-1)!.push(record);
  }

  divide(): void {
    if (this.still().parts.at(-1)!.length > 0) this.parts.push([]);
  }

  answer<Reply>(slot: Slot<Reply>, reply: Reply): void {
    assert(slot instanceof PendingSlot, 'slots are handed out by the runtime');
    slot.decide();
    this.still().answers.push(new Decided(slot, reply));
  }

  schedule(key: string, delayMs: number, expire: (turn: Turn<Stored>) => void): void {
    this.still().timers.schedule(key, delayMs, expire);
  }

  cancel(key: string): void {
    this.still().timers.cancel(key);
  }

  whenLost(repair: Repair<Stored>): void {
    this.still().repairs.push(repair);
  }

  /** Nothing may be added any more. */
  end(): void {
    this.over = true;
  }

  private still(): this {
    assert(!this.over, 'a turn is over when the machine returns');
    return this;
  }
}
