/**
 * Drives a coordinator's machine by hand: turns, fake time, a log in memory. Every turn is committed at once unless told to
 * hold; what is held can be committed or lost. Records pass through their bytes, as in the runtime.
 */
import { Prng } from '../../src/base/prng.ts';
import { makeUuid, type Uuid } from '../../src/base/uuid.ts';
import type { Machine, MachineKind } from '../../src/core/coordinator/machine.ts';
import { Timeline } from '../../src/core/coordinator/timeline.ts';
import { Slot, type Turn } from '../../src/core/coordinator/turn.ts';
import type { ErrorName } from '../../src/protocol/errors.ts';
import type { RecordBytes } from '../../src/protocol/records/coordinator.ts';

/** A request of a test: undecided, decided (answered by a turn), told (its answer went out) or refused. */
export class Asked<Reply> extends Slot<Reply> {
  decided = false;
  told: Reply | undefined;
  refused: ErrorName | undefined;

  /** The answer that went out; fails the test if there is none. */
  get answer(): Reply {
    if (this.told === undefined) throw new Error(this.refused ?? (this.decided ? 'not committed yet' : 'still parked'));
    return this.told;
  }

  get isParked(): boolean {
    return !this.decided;
  }
}

interface Timer<Stored> {
  readonly atMs: bigint;
  readonly order: number;
  readonly expire: (turn: Turn<Stored>) => void;
}

interface HeldTurn<Stored> {
  readonly firstOffset: bigint;
  readonly answers: readonly { tell(): void; refuse(error: ErrorName): void }[];
  readonly repairs: readonly ((turn: Turn<Stored>, error: ErrorName) => void)[];
}

const startMs = 1_700_000_000_000n;

export class HandDriven<M extends Machine<Stored, Rec>, Stored, Rec> {
  readonly kind: MachineKind<M, Stored, Rec>;
  nowMs = startMs;
  /** Whether turns wait for `commit` or `lose`. */
  held = false;
  /** What was written and not lost. */
  log: RecordBytes[] = [];
  machine: M;
  private timeline = new Timeline();
  private timers = new Map<string, Timer<Stored>>();
  private order = 0;
  private holding: HeldTurn<Stored>[] = [];
  private readonly chance: Prng;

  constructor(kind: MachineKind<M, Stored, Rec>, seed = 1) {
    this.kind = kind;
    this.chance = new Prng(seed);
    this.machine = this.loadedFrom();
  }

  /** The next coordinator, from what is in the log. Whoever waited with the one before is left alone. */
  reload(): void {
    this.log.length -= this.uncommittedRecords;
    this.machine.unloaded();
    this.holding = [];
    this.timers.clear();
    this.machine = this.loadedFrom();
  }

  private loadedFrom(): M {
    this.timeline = new Timeline();
    const machine = this.kind.create(this.timeline);
    this.machine = machine;
    this.timeline.at(undefined);
    for (const [offset, bytes] of this.log.entries())
      machine.replay(this.kind.decode(bytes), BigInt(offset), undefined);
    this.timeline.seal();
    this.turn(turn => machine.loaded(turn));
    return machine;
  }

  private get uncommittedRecords(): number {
    const first = this.holding[0];
    return first === undefined ? 0 : this.log.length - Number(first.firstOffset);
  }

  ask<Reply>(command: (machine: M, turn: Turn<Stored>, slot: Slot<Reply>) => void): Asked<Reply> {
    const slot = new Asked<Reply>();
    this.turn(turn => command(this.machine, turn, slot));
    return slot;
  }

  turn(run: (turn: Turn<Stored>) => void): void {
    const records: Stored[] = [];
    const held = { firstOffset: BigInt(this.log.length), answers: [], repairs: [] } as {
      firstOffset: bigint;
      answers: HeldTurn<Stored>['answers'][number][];
      repairs: HeldTurn<Stored>['repairs'][number][];
    };
    run({
      nowMs: this.nowMs,
      newUuid: (): Uuid => makeUuid(length => this.chance.bytes(length)),
      append: record => {
        records.push(record);
      },
      divide: () => {},
      answer: (slot, reply) => {
        if (!(slot instanceof Asked)) throw new Error('a slot of somebody else');
        if (slot.decided) throw new Error('a slot is answered once');
        slot.decided = true;
        held.answers.push({
          tell: () => {
            slot.told = reply;
          },
          refuse: error => {
            slot.refused = error;
          },
        });
      },
      schedule: (key, delayMs, expire) => {
        this.timers.set(key, { atMs: this.nowMs + BigInt(Math.max(delayMs, 0)), order: this.order++, expire });
      },
      cancel: key => {
        this.timers.delete(key);
      },
      whenLost: repair => {
        held.repairs.push(repair);
      },
    });
    for (const record of records) {
      const bytes = this.kind.encode(record);
      const offset = BigInt(this.log.length);
      this.timeline.at(offset);
      this.machine.replay(this.kind.decode(bytes), offset, undefined);
      this.log.push(bytes);
    }
    this.timeline.seal();
    this.holding.push(held);
    if (!this.held) this.commit();
  }

  /** Everything that is held is stored. */
  commit(): void {
    this.timeline.commit(BigInt(this.log.length));
    for (const { answers } of this.holding) for (const answer of answers) answer.tell();
    this.holding = [];
  }

  /** Nothing of what is held is stored. */
  lose(error: ErrorName): void {
    const lost = this.holding;
    this.holding = [];
    const first = lost[0]?.firstOffset ?? BigInt(this.log.length);
    this.timeline.revert(first);
    this.log.length = Number(first);
    for (const { answers } of lost) for (const answer of answers) answer.refuse(error);
    for (const { repairs } of lost) for (const repair of repairs) this.turn(turn => repair(turn, error));
  }

  /** Time passes; what is due happens at its time, in order. */
  advance(ms: number): void {
    const until = this.nowMs + BigInt(ms);
    for (let next = this.nextTimer(until); next !== undefined; next = this.nextTimer(until)) {
      const [key, timer] = next;
      this.timers.delete(key);
      if (timer.atMs > this.nowMs) this.nowMs = timer.atMs;
      this.turn(timer.expire);
    }
    this.nowMs = until;
  }

  /** Milliseconds until a timer is due; undefined if it does not run. */
  dueIn(key: string): number | undefined {
    const timer = this.timers.get(key);
    return timer && Number(timer.atMs - this.nowMs);
  }

  get timerKeys(): readonly string[] {
    return [...this.timers.keys()];
  }

  private nextTimer(until: bigint): [string, Timer<Stored>] | undefined {
    let first: [string, Timer<Stored>] | undefined;
    for (const entry of this.timers) {
      const [, { atMs, order }] = entry;
      if (atMs > until) continue;
      if (first === undefined || atMs < first[1].atMs || (atMs === first[1].atMs && order < first[1].order))
        first = entry;
    }
    return first;
  }

  /** What is in the log, decoded. */
  get records(): readonly Rec[] {
    return this.log.map(bytes => this.kind.decode(bytes));
  }
}
