// Drives the controller's decisions through the metadata log: queue -> decide -> replay -> append -> park -> commit.
//
// One append is in flight at a time and a decision is made only when its turn comes, so a failed append takes back
// exactly its own decision: the image before it is simply kept. Committing (the high watermark passing) runs behind and
// in order; it first tells the listener what changed, then answers, so that whatever the listener submits to the data
// plane is in effect before any client learns of it.
import { assert } from '../base/assert.ts';
import { Bounded } from '../base/bounded.ts';
import { isRefusal, refuse } from '../base/result.ts';
import { makeUuid, type Uuid } from '../base/uuid.ts';
import type { Decide, WireRefusal } from '../core/controller/decision.ts';
import type { MetadataDelta } from '../core/metadata/delta.ts';
import { emptyImage, type MetadataImage } from '../core/metadata/image.ts';
import { noRaftFacts, type RaftFacts } from '../core/metadata/raft-facts.ts';
import { encodeRecord } from '../core/metadata/records.ts';
import { Replay } from '../core/metadata/replay.ts';
import { encodeBatch, type RecordInit } from '../protocol/records/batch.ts';
import { type ControlRecordInit, encodeControlRecord } from '../protocol/records/control.ts';
import {
  MetadataLogError,
  type MetadataLogOptions,
  metadataPartition,
  type NoticeLevel,
} from './metadata-log-options.ts';
import { recover } from './metadata-recovery.ts';
import { PlaneError, PlanePartition } from './plane-partition.ts';
import type { PlaneEvent } from './ports.ts';
import { SnapshotWriter } from './snapshot-writer.ts';

/** How this node sees the quorum, for DescribeQuorum and ApiVersions. */
export interface QuorumView extends RaftFacts {
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly highWatermark: bigint;
  readonly logEndOffset: bigint;
  readonly directoryId: Uuid;
}

/** Decisions that wait for their turn. Connections are served one request at a time, so this many connections fit. */
const decisionsWaitingMax = 65_536;

type Answer = (refusal: WireRefusal | undefined) => void;

interface Waiting {
  /** Makes the decision, now that everything before it is written. */
  readonly decide: () => Proposal;
  readonly refused: (refusal: WireRefusal) => void;
}

interface Proposal {
  /** Empty when there is nothing to append: the answer waits all the same, for what it was based on. */
  readonly records: readonly RecordInit[];
  readonly control: boolean;
  readonly delta: MetadataDelta | undefined;
  readonly answer: Answer;
}

interface Parked {
  /** Committed once the high watermark has reached it. */
  readonly endOffset: bigint;
  readonly delta: MetadataDelta | undefined;
  readonly bytes: number;
  readonly timestampMs: bigint;
  readonly answer: Answer;
}

export class MetadataLog {
  private readonly options: MetadataLogOptions;
  private readonly partition: PlanePartition;
  private readonly waiting = new Bounded<Waiting>('metadata decisions', decisionsWaitingMax);
  private readonly parked: Parked[] = [];
  private committed: MetadataImage;
  /** With everything that was written, committed or not. */
  private written: MetadataImage;
  private raft: RaftFacts = noRaftFacts;
  private epoch = 0;
  private endOffset = 0n;
  private appending = false;
  private committing = false;
  private state: 'new' | 'open' | 'closing' | 'failed' = 'new';
  private snapshots: SnapshotWriter | undefined;
  private listener: (delta: MetadataDelta) => void = () => {};
  private failureListener: (message: string) => void = () => {};
  private whenIdle: (() => void) | undefined;

  constructor(options: MetadataLogOptions) {
    this.options = options;
    this.committed = emptyImage(options.clusterId);
    this.written = this.committed;
    const { id, topic, index } = metadataPartition;
    this.partition = new PlanePartition(options.plane, options.tickets, options.handles.allocate(id, topic, index));
    this.partition.onHighWatermark = () => this.commit();
  }

  /** Everything committed. */
  get image(): MetadataImage {
    return this.committed;
  }

  quorum(): QuorumView {
    return {
      leaderId: this.options.nodeId,
      leaderEpoch: this.epoch,
      highWatermark: this.committed.offset + 1n,
      logEndOffset: this.endOffset,
      directoryId: this.options.directoryId,
      ...this.raft,
    };
  }

  /** Called with every committed change, before the decisions behind it are answered. Must not throw. */
  onChange(listener: (delta: MetadataDelta) => void): void {
    this.listener = listener;
  }

  /** Called once when the log has failed: nothing more can be decided, the broker must stop. */
  onFailure(listener: (message: string) => void): void {
    this.failureListener = listener;
  }

  /** True when the event was this log's. */
  onPlaneEvent(event: PlaneEvent): boolean {
    if (event.type === 'failed' && event.logDir === this.options.logDir && this.isOurs(event.path)) {
      this.fail(`the metadata log failed: ${event.message}`);
      // The directory may hold other partitions: others want to know as well.
      return false;
    }
    return this.partition.onPlaneEvent(event);
  }

  /**
   * Loads snapshot and log, and becomes leader in a new epoch. Rejects with MetadataLogError. Events must be routed
   * here from before the call.
   */
  async open(): Promise<void> {
    const recovered = await recover(this.options, this.partition);
    const { loader, epoch } = recovered;
    this.committed = loader.image;
    this.written = loader.image;
    this.raft = loader.raft;
    this.epoch = epoch;
    this.endOffset = loader.image.offset + 1n;
    this.snapshots = new SnapshotWriter(this.options, this.partition, recovered.snapshots);
    this.snapshots.replayed(recovered.bytesSinceSnapshot);
    this.state = 'open';
    // Written one behind the other, and stored together.
    const begun = this.control(recovered.controlRecords);
    const records = this.decide(() => ({ records: recovered.records, reply: undefined }));
    const [refused] = await Promise.all([records, begun]);
    if (isRefusal(refused)) throw new MetadataLogError(refused.message);
  }

  /**
   * Makes a decision and resolves with its reply when it is committed, or with the refusal. What cannot be stored is a
   * refusal too. Rejects only when `decide` throws: a bug, which has changed nothing.
   */
  decide<Reply>(decide: Decide<Reply>): Promise<Reply | WireRefusal> {
    return new Promise((resolve, reject) => {
      this.enqueue(resolve, () => {
        try {
          return this.propose(decide, resolve);
        } catch (error) {
          reject(error);
          return nothing;
        }
      });
    });
  }

  /** Refuses new decisions, and resolves when those before are answered and no snapshot is being written. */
  async close(): Promise<void> {
    if (this.state === 'open') this.state = 'closing';
    if (!this.idle) {
      await new Promise<void>(resolve => {
        this.whenIdle = resolve;
      });
    }
    await this.snapshots?.idle();
  }

  private get idle(): boolean {
    return this.state === 'failed' || (!this.appending && this.waiting.size === 0 && this.parked.length === 0);
  }

  private isOurs(path: string): boolean {
    const { directory } = this.options;
    return path === directory || path.startsWith(`${directory}/${metadataPartition.directory}`);
  }

  private control(records: readonly ControlRecordInit[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const answer: Answer = refusal => (refusal ? reject(new MetadataLogError(refusal.message)) : resolve());
      this.enqueue(answer, () => {
        const timestamp = this.options.clock.wallMs();
        const encoded = records.map(record => ({ timestamp, ...encodeControlRecord(record) }));
        const delta = new Replay(this.written).finish(this.lastOffset(records.length), this.epoch);
        return { records: encoded, control: true, delta, answer };
      });
    });
  }

  private propose<Reply>(decide: Decide<Reply>, resolve: (reply: Reply | WireRefusal) => void): Proposal {
    const { clock, entropy } = this.options;
    const nowMs = clock.wallMs();
    const decided = decide({
      image: this.written,
      nowMs,
      nextOffset: this.endOffset,
      newUuid: () => makeUuid(() => entropy.uuid()),
    });
    const refused = isRefusal(decided);
    const answer: Answer = refusal => resolve(refusal ?? (refused ? decided : decided.reply));
    if (refused || decided.records.length === 0) return { ...nothing, answer };
    const replay = new Replay(this.written);
    const records = decided.records.map(init => {
      const { value, record } = encodeRecord(init);
      replay.replay(record);
      return { timestamp: nowMs, value };
    });
    return { records, control: false, delta: replay.finish(this.lastOffset(records.length), this.epoch), answer };
  }

  private lastOffset(records: number): bigint {
    return this.endOffset + BigInt(records) - 1n;
  }

  private enqueue(refused: (refusal: WireRefusal) => void, decide: () => Proposal): void {
    if (this.state !== 'open') {
      refused(this.state === 'failed' ? storageRefusal : refuse('NOT_CONTROLLER', 'The controller is not running.'));
    } else if (!this.waiting.offer({ decide, refused })) {
      refused(refuse('REQUEST_TIMED_OUT', 'Too many changes of metadata are waiting.'));
    } else {
      this.pump();
    }
  }

  private pump(): void {
    while (!this.appending) {
      const next = this.waiting.take();
      if (next === undefined) break;
      const proposal = next.decide();
      if (proposal.records.length === 0) this.park(proposal, 0);
      else void this.append(proposal);
    }
    if (this.idle) this.whenIdle?.();
  }

  private async append(proposal: Proposal): Promise<void> {
    const { records, control } = proposal;
    const batch = encodeBatch({ leaderEpoch: this.epoch, records, control });
    this.appending = true;
    try {
      const baseOffset = await this.partition.append(this.epoch, batch);
      assert(baseOffset === this.endOffset, `the metadata log put offset ${this.endOffset} at ${baseOffset}`);
      this.endOffset += BigInt(records.length);
      if (proposal.delta !== undefined) this.written = proposal.delta.after;
      this.park(proposal, batch.length);
    } catch (error) {
      if (!(error instanceof PlaneError)) throw error;
      this.notice('error', `a change of metadata was not stored: ${error.message}`);
      proposal.answer(storageRefusal);
    } finally {
      this.appending = false;
    }
    this.pump();
  }

  private park({ delta, records, answer }: Proposal, bytes: number): void {
    if (this.state === 'failed') {
      answer(storageRefusal);
      return;
    }
    const timestampMs = records.at(-1)?.timestamp ?? 0n;
    this.parked.push({ endOffset: this.endOffset, delta, bytes, timestampMs, answer });
    this.commit();
  }

  private commit(): void {
    // A listener may decide something itself and so come here again; the loop below finds what it has added.
    if (this.committing) return;
    this.committing = true;
    for (let next = this.parked[0]; next !== undefined; next = this.parked[0]) {
      if (next.endOffset > this.partition.highWatermark) break;
      this.parked.shift();
      if (next.delta !== undefined) {
        this.committed = next.delta.after;
        this.listener(next.delta);
        this.snapshots?.committed(next.delta.after, this.raft, next.bytes, next.timestampMs);
      }
      next.answer(undefined);
    }
    this.committing = false;
    if (this.idle) this.whenIdle?.();
  }

  private fail(message: string): void {
    if (this.state === 'failed') return;
    this.state = 'failed';
    for (const { answer } of this.parked.splice(0)) answer(storageRefusal);
    for (const { refused } of this.waiting.drain()) refused(storageRefusal);
    this.failureListener(message);
    this.whenIdle?.();
  }

  private notice(level: NoticeLevel, message: string): void {
    this.options.notice(level, message);
  }
}

const storageRefusal: WireRefusal = refuse('KAFKA_STORAGE_ERROR', 'The metadata log could not be written.');

const nothing: Proposal = { records: [], control: false, delta: undefined, answer: () => {} };
