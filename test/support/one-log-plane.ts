// The data plane reduced to one partition's log, for the driver of the metadata log: every answer comes later, in an
// order that keeps each source's own, written and synced are two moments, and appends fail when the test says so.
import { concat } from '../../src/base/bytes.ts';
import { errorCode } from '../../src/protocol/errors.ts';
import { readBatchHeader } from '../../src/protocol/records/batch.ts';
import type { PartitionHandle, PlaneCommand, PlaneEvent } from '../../src/runtime/ports.ts';

export interface StoredBatch {
  readonly baseOffset: bigint;
  readonly endOffset: bigint;
  readonly bytes: Uint8Array;
}

/** What outlives a crash: batches, of which the first `synced` are certain. */
export class LogStore {
  batches: StoredBatch[] = [];
  synced = 0;
  logStartOffset = 0n;

  get logEndOffset(): bigint {
    return this.batches.at(-1)?.endOffset ?? this.logStartOffset;
  }

  get syncedEnd(): bigint {
    return this.synced === 0 ? this.logStartOffset : this.batches[this.synced - 1]!.endOffset;
  }

  /** A crash keeps what was synced and any number of batches written after it. */
  crash(keepUnsynced: number): void {
    this.batches = this.batches.slice(0, this.synced + keepUnsynced);
    this.synced = this.batches.length;
  }

  append(bytes: Uint8Array, leaderEpoch: number): StoredBatch {
    const baseOffset = this.logEndOffset;
    const stamped = bytes.slice();
    const view = new DataView(stamped.buffer);
    view.setBigInt64(0, baseOffset);
    view.setInt32(12, leaderEpoch);
    const { lastOffsetDelta } = readBatchHeader(stamped);
    const batch = { baseOffset, endOffset: baseOffset + BigInt(lastOffsetDelta) + 1n, bytes: stamped };
    this.batches.push(batch);
    return batch;
  }

  from(offset: bigint, upTo: bigint): Uint8Array {
    return concat(this.batches.filter(b => b.endOffset > offset && b.endOffset <= upTo).map(b => b.bytes));
  }
}

export interface OneLogPlaneOptions {
  readonly store: LogStore;
  /** Runs `run` later; runs keep their order per `source`. */
  readonly later: (source: string, run: () => void) => void;
  readonly deliver: (event: PlaneEvent) => void;
  /** Kafka's code for an append that fails, 0 for one that does not. */
  readonly appendError: () => number;
}

export class OneLogPlane {
  /** While true nothing becomes durable. */
  syncsHeld = false;
  private readonly options: OneLogPlaneOptions;
  private handle: PartitionHandle | undefined;
  private leaderEpoch = -1;
  private dead = false;

  constructor(options: OneLogPlaneOptions) {
    this.options = options;
  }

  /** Nothing is delivered any more, as after kill -9. */
  kill(): void {
    this.dead = true;
  }

  submit(command: PlaneCommand): void {
    const { store } = this.options;
    switch (command.type) {
      case 'lead': {
        const { partition } = command;
        this.handle = partition;
        this.leaderEpoch = command.leaderEpoch;
        this.later('log', () => {
          store.synced = store.batches.length;
          const { logStartOffset, logEndOffset } = store;
          this.deliver({ type: 'led', partition, error: 0, logStartOffset, logEndOffset, message: '' });
        });
        return;
      }
      case 'append': {
        const { ticket, batch, leaderEpoch } = command;
        this.later('log', () => {
          const error =
            leaderEpoch === this.leaderEpoch ? this.options.appendError() : errorCode.NOT_LEADER_OR_FOLLOWER;
          const baseOffset = error === 0 ? store.append(batch, leaderEpoch).baseOffset : -1n;
          this.deliver({ type: 'appended', ticket, error, baseOffset });
          if (error === 0) this.later('sync', () => this.sync());
        });
        return;
      }
      case 'read': {
        const { ticket, from } = command;
        this.later('log', () => {
          const next = store.batches.find(b => b.endOffset > from && b.endOffset <= store.syncedEnd);
          this.deliver({ type: 'readDone', ticket, error: 0, batches: next?.bytes ?? new Uint8Array() });
        });
        return;
      }
      case 'deleteBefore': {
        const { ticket, offset } = command;
        this.later('log', () => {
          const gone = store.batches.filter(({ endOffset }) => endOffset <= offset).length;
          store.batches.splice(0, gone);
          store.synced -= gone;
          store.logStartOffset = offset;
          this.deliver({ type: 'done', ticket, error: 0, offset });
        });
        return;
      }
      case 'query': {
        const { ticket } = command;
        const sizeBytes = BigInt(store.batches.reduce((sum, { bytes }) => sum + bytes.length, 0));
        const { logStartOffset, logEndOffset } = store;
        const facts = { logStartOffset, logEndOffset, sizeBytes, lastStableOffset: logEndOffset, producers: [] };
        this.later('log', () =>
          this.deliver({
            type: 'queried',
            ticket,
            partitions: [{ error: 0, highWatermark: store.syncedEnd, ...facts }],
          }),
        );
        return;
      }
      default:
        return;
    }
  }

  /** Everything written so far becomes durable. */
  sync(): void {
    const { store } = this.options;
    if (this.syncsHeld || this.dead || this.handle === undefined) return;
    store.synced = store.batches.length;
    const partition = this.handle;
    const offset = store.syncedEnd;
    this.later('log', () => this.deliver({ type: 'highWatermark', partition, offset }));
  }

  private later(source: string, run: () => void): void {
    this.options.later(source, () => {
      if (!this.dead) run();
    });
  }

  private deliver(event: PlaneEvent): void {
    if (!this.dead) this.options.deliver(event);
  }
}
