// One partition of a coordinator's internal topic, and the machine whose state its records are.
//
// A turn decides on uncommitted state; its records are replayed at once and collect in a batch that goes out when the one
// before it is written. Answers are parked until the high watermark has passed what they rest on. When an append fails,
// everything since its first record is taken back: the state, the answers, and what later turns have built on it.
import { assert } from '../../base/assert.ts';
import type { Eventual } from '../../base/eventual.ts';
import type { WireRefusal } from '../../core/controller/decision.ts';
import type { Machine } from '../../core/coordinator/machine.ts';
import { Timeline } from '../../core/coordinator/timeline.ts';
import type { Slot, Turn } from '../../core/coordinator/turn.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { RecordBytes } from '../../protocol/records/coordinator.ts';
import { placeOf } from '../../protocol/records/record-cursor.ts';
import { WireError } from '../../protocol/wire.ts';
import { PlaneError, type PlanePartition } from '../plane-partition.ts';
import { AppendBatch, bytesOf } from './append-batch.ts';
import { toldOf } from './append-errors.ts';
import { type LogRange, load } from './loader.ts';
import { OpenTurn } from './open-turn.ts';
import type { CoordinatorOptions } from './options.ts';
import { Parking } from './parking.ts';
import { PendingSlot, refusalOf, type Waiting } from './pending-slot.ts';
import type { Slices } from './slices.ts';
import { KeyedTimers } from './timers.ts';

/** Batches that wait to be written: a disk that hangs must not fill the memory with what clients ask again and again. */
const batchesMax = 64;

type State = 'loading' | 'active' | 'closing' | 'closed';

interface EncodedPart<Rec> {
  readonly records: readonly RecordBytes[];
  readonly decoded: readonly Rec[];
  readonly bytes: number;
}

export class CoordinatorShard<M extends Machine<Stored, Rec>, Stored, Rec> {
  readonly partitionIndex: number;
  private readonly options: CoordinatorOptions<M, Stored, Rec>;
  private readonly partition: PlanePartition;
  private readonly machine: M;
  private readonly timeline = new Timeline();
  private readonly timers: KeyedTimers<Stored>;
  private readonly parking: Parking<Stored>;
  private readonly slots = new Set<Waiting>();
  /** The first is being written when `appending`; records collect in the last. */
  private batches: AppendBatch[] = [];
  private appending = false;
  private epoch: number;
  private nextOffset = 0n;
  private writtenEnd = 0n;
  private committedEnd = 0n;
  private state: State = 'loading';
  private whenNotLoading: (() => void)[] = [];
  private whenIdle: (() => void) | undefined;

  constructor(
    options: CoordinatorOptions<M, Stored, Rec>,
    partitionIndex: number,
    partition: PlanePartition,
    leaderEpoch: number,
  ) {
    const { clock, kind, limits } = options;
    this.options = options;
    this.partitionIndex = partitionIndex;
    this.partition = partition;
    this.epoch = leaderEpoch;
    this.machine = kind.create(this.timeline);
    this.timers = new KeyedTimers(clock, expire => this.take(expire));
    this.parking = new Parking(clock, limits.commitTimeoutMs);
    partition.onHighWatermark = () => this.commit();
  }

  /**
   * Decides in a turn of its own, now. What the machine answers, or a refusal: at once if nothing has to be committed before
   * (most heartbeats), else promised.
   */
  write<Reply>(command: (machine: M, turn: Turn<Stored>, slot: Slot<Reply>) => void): Eventual<Reply | WireRefusal> {
    const refused = this.refusal() ?? this.fullness();
    if (refused !== undefined) return refused;
    const slot = new PendingSlot<Reply>(this.slots);
    this.take(turn => command(this.machine, turn, slot));
    return slot.outcome();
  }

  /** Committed state, now. */
  read<Reply>(query: (machine: M) => Reply): Reply | WireRefusal {
    return this.refusal() ?? query(this.machine);
  }

  get loading(): boolean {
    return this.state === 'loading';
  }

  get closed(): boolean {
    return this.state === 'closed';
  }

  /** Resolves when the shard is not loading (any more). */
  loaded(): Promise<void> {
    if (!this.loading) return Promise.resolve();
    return new Promise(resolve => {
      this.whenNotLoading.push(resolve);
    });
  }

  /** The log is open: replays it, then serves. */
  async load(range: LogRange, slices: Slices): Promise<void> {
    const { kind, notice } = this.options;
    const startedMs = this.options.clock.monotonicMs();
    if (!this.loading) return;
    try {
      const skipped = await load(this.options, this.machine, this.partition, slices, range, () => this.loading);
      if (skipped === undefined || !this.loading) return;
      if (skipped.first !== undefined) {
        const { unknown, damaged, first } = skipped;
        notice('warn', `${this.name}: passed over ${unknown} unknown and ${damaged} damaged records, first ${first}`);
      }
    } catch (error) {
      if (!(error instanceof PlaneError || error instanceof WireError)) throw error;
      if (!this.loading) return;
      notice('error', `${this.name} cannot be loaded: ${error.message}`);
      this.unload();
      return;
    }
    this.activate(range.logEndOffset);
    const tookMs = Math.round(this.options.clock.monotonicMs() - startedMs);
    if (range.logEndOffset > range.logStartOffset) {
      notice('info', `${kind.name} ${this.partitionIndex} loaded up to offset ${range.logEndOffset} in ${tookMs} ms`);
    }
  }

  /** Leadership goes on in a later epoch, and nobody else has written meanwhile. */
  continueAt(leaderEpoch: number): void {
    this.epoch = leaderEpoch;
  }

  /** The partition is not led any more, or nothing can be stored in it: everybody is told, nothing is served. */
  unload(): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.batches = [];
    this.timers.clear();
    this.parking.clear();
    for (const slot of this.slots) slot.refuse('NOT_COORDINATOR');
    this.machine.unloaded();
    for (const resolve of this.whenNotLoading.splice(0)) resolve();
    this.whenIdle?.();
  }

  /** Answers what is parked, for as long as a commit may take, refuses the rest and whatever comes. */
  async close(): Promise<void> {
    if (this.state === 'active') {
      this.state = 'closing';
      this.timers.clear();
      if (!this.idle) {
        const { clock, limits } = this.options;
        const giveUp = clock.after(limits.commitTimeoutMs, () => this.unload());
        await new Promise<void>(resolve => {
          this.whenIdle = resolve;
        });
        giveUp();
      }
    }
    this.unload();
  }

  private get name(): string {
    return `${this.options.kind.name} ${this.partitionIndex}`;
  }

  private get idle(): boolean {
    return this.batches.length === 0 && this.parking.empty;
  }

  private refusal(): WireRefusal | undefined {
    if (this.state === 'active') return undefined;
    return refusalOf(this.state === 'loading' ? 'COORDINATOR_LOAD_IN_PROGRESS' : 'NOT_COORDINATOR');
  }

  private fullness(): WireRefusal | undefined {
    const isFull = this.slots.size >= this.options.limits.slotsMax || this.batches.length >= batchesMax;
    return isFull ? refusalOf('COORDINATOR_NOT_AVAILABLE') : undefined;
  }

  private activate(endOffset: bigint): void {
    this.nextOffset = endOffset;
    this.writtenEnd = endOffset;
    this.committedEnd = endOffset;
    this.timeline.seal();
    this.state = 'active';
    this.take(turn => this.machine.loaded(turn));
    for (const resolve of this.whenNotLoading.splice(0)) resolve();
  }

  /** One whole turn. Throws what `decide` throws, which then has changed nothing that is stored. */
  private take(decide: (turn: Turn<Stored>) => void): void {
    const { clock, entropy } = this.options;
    const turn = new OpenTurn<Stored>(clock, entropy, this.timers);
    try {
      decide(turn);
    } finally {
      turn.end();
    }
    this.finish(turn);
  }

  private finish(turn: OpenTurn<Stored>): void {
    const { answers, repairs } = turn;
    if (!this.store(turn)) {
      this.repair(answers, repairs, 'UNKNOWN_SERVER_ERROR');
      return;
    }
    if (this.nextOffset <= this.committedEnd) for (const answer of answers) answer.release();
    else this.parking.park(this.nextOffset, answers, repairs);
    this.pump();
  }

  /** Replays the turn's records and puts them into batches. False, and nothing has happened, when they cannot be stored. */
  private store(turn: OpenTurn<Stored>): boolean {
    if (!turn.hasRecords) return true;
    const encoded = this.encodeAll(turn.parts);
    if (encoded === undefined) return false;
    this.replay(encoded);
    for (const { records, bytes } of encoded) {
      const batch = this.batchFor(bytes);
      batch.add(records, bytes, turn.nowMs);
      this.nextOffset = batch.endOffset;
    }
    return true;
  }

  /** Undefined, and a line in the log, when the records cannot be stored. */
  private encodeAll(parts: readonly (readonly Stored[])[]): EncodedPart<Rec>[] | undefined {
    const bytesMax = this.options.limits.batchBytesMax();
    try {
      const encoded = parts.filter(({ length }) => length > 0).map(records => this.encode(records));
      const empty = new AppendBatch(this.nextOffset, bytesMax);
      const large = encoded.find(({ bytes }) => !empty.takes(bytes));
      if (large === undefined) return encoded;
      this.options.notice('error', `${this.name}: ${large.bytes} bytes of one turn exceed a batch of ${bytesMax}`);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.options.notice('error', `${this.name}: a record that cannot be written: ${error.message}`);
    }
    return undefined;
  }

  private encode(stored: readonly Stored[]): EncodedPart<Rec> {
    const { kind } = this.options;
    const records = stored.map(record => kind.encode(record));
    // What is replayed now is what a load will find.
    const decoded = records.map(record => kind.decodeInPlace?.(placeOf(record)) ?? kind.decode(record));
    return { records, decoded, bytes: bytesOf(records) };
  }

  private replay(parts: readonly EncodedPart<Rec>[]): void {
    let offset = this.nextOffset;
    try {
      for (const { decoded } of parts) {
        for (const record of decoded) {
          this.timeline.at(offset);
          this.machine.replay(record, offset, undefined);
          offset++;
        }
      }
    } catch (error) {
      this.timeline.revert(this.nextOffset);
      throw error;
    } finally {
      this.timeline.seal();
    }
  }

  /** The batch that records collect in, or a new one behind it. */
  private batchFor(bytes: number): AppendBatch {
    const collecting = this.batches.length > (this.appending ? 1 : 0) ? this.batches.at(-1) : undefined;
    if (collecting?.takes(bytes)) return collecting;
    const batch = new AppendBatch(this.nextOffset, this.options.limits.batchBytesMax());
    this.batches.push(batch);
    return batch;
  }

  private pump(): void {
    const batch = this.batches[0];
    if (!this.appending && batch !== undefined) void this.append(batch);
  }

  private async append(batch: AppendBatch): Promise<void> {
    this.appending = true;
    let failed: PlaneError | undefined;
    try {
      const baseOffset = await this.partition.append(this.epoch, batch.encode(this.epoch));
      if (this.state === 'closed') return;
      assert(baseOffset === batch.baseOffset, `${this.name}: offset ${batch.baseOffset} was put at ${baseOffset}`);
    } catch (error) {
      if (!(error instanceof PlaneError)) throw error;
      failed = error;
    }
    if (this.state === 'closed') return;
    this.appending = false;
    if (failed === undefined) {
      this.batches.shift();
      this.writtenEnd = batch.endOffset;
      this.commit();
    } else {
      this.lose(batch.baseOffset, failed);
    }
    this.pump();
    if (this.idle) this.whenIdle?.();
  }

  private commit(): void {
    const { highWatermark } = this.partition;
    const end = highWatermark < this.writtenEnd ? highWatermark : this.writtenEnd;
    if (this.state === 'closed' || end <= this.committedEnd) return;
    this.committedEnd = end;
    this.timeline.commit(end);
    this.parking.release(end);
    if (this.idle) this.whenIdle?.();
  }

  private lose(offset: bigint, error: PlaneError): void {
    this.options.notice('error', `${this.name}: records from offset ${offset} on were not stored: ${error.message}`);
    this.batches = [];
    this.timeline.revert(offset);
    this.nextOffset = offset;
    const told = toldOf(error.code);
    this.repair([], this.parking.lose(offset, told), told);
  }

  private repair(answers: OpenTurn<Stored>['answers'], repairs: OpenTurn<Stored>['repairs'], error: ErrorName): void {
    for (const answer of answers) answer.refuse(error);
    for (const repair of repairs) this.take(turn => repair(turn, error));
  }
}
