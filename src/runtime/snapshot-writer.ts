// Writes snapshots of committed metadata when enough was appended since the last one or enough time has passed, and
// then lets go of what they replace (KIP-630). One at a time, beside the decisions; a failure costs nothing but log.

import { concat } from '../base/bytes.ts';
import type { MetadataImage } from '../core/metadata/image.ts';
import type { RaftFacts } from '../core/metadata/raft-facts.ts';
import { type SnapshotInit, snapshotBatches } from '../core/metadata/snapshot-file.ts';
import { type SnapshotId, snapshotName } from '../core/metadata/snapshot-name.ts';
import { snapshotRecords } from '../core/metadata/snapshot-records.ts';
import { type MetadataLogOptions, metadataPartition } from './metadata-log-options.ts';
import type { PlanePartition } from './plane-partition.ts';

interface Kept extends SnapshotId {
  readonly bytes: number;
  /** When it was written; for one found at start, when it was found. */
  readonly writtenMs: bigint;
}

export class SnapshotWriter {
  private readonly options: MetadataLogOptions;
  private readonly partition: PlanePartition;
  private kept: Kept[];
  private bytesSince = 0;
  private lastMs: number;
  private writing: Promise<void> | undefined;

  /** `found` are the snapshots on disk, oldest first. */
  constructor(options: MetadataLogOptions, partition: PlanePartition, found: readonly SnapshotId[]) {
    this.options = options;
    this.partition = partition;
    const writtenMs = options.clock.wallMs();
    this.kept = found.map(id => ({ ...id, bytes: 0, writtenMs }));
    this.lastMs = options.clock.monotonicMs();
  }

  /** Bytes that a start had to read behind the newest snapshot. */
  replayed(bytes: number): void {
    this.bytesSince += bytes;
  }

  /** Call with every committed change. `timestampMs` is of its last record. */
  committed(image: MetadataImage, raft: RaftFacts, bytes: number, timestampMs: bigint): void {
    this.bytesSince += bytes;
    const { limits, clock } = this.options;
    const byTime = limits.snapshotIntervalMs > 0 && clock.monotonicMs() - this.lastMs >= limits.snapshotIntervalMs;
    if (this.writing !== undefined || !(byTime || this.bytesSince >= limits.bytesBetweenSnapshots)) return;
    this.bytesSince = 0;
    this.lastMs = clock.monotonicMs();
    this.writing = this.write(image, raft, timestampMs).finally(() => {
      this.writing = undefined;
    });
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    await this.writing;
  }

  private async write(image: MetadataImage, raft: RaftFacts, lastTimestampMs: bigint): Promise<void> {
    const { files, clock, notice } = this.options;
    const id = { endOffset: image.offset + 1n, epoch: image.epoch };
    const nowMs = clock.wallMs();
    const path = this.pathOf(id);
    try {
      const bytes = await this.encode({
        lastTimestampMs,
        epoch: image.epoch,
        nowMs,
        raft,
        records: snapshotRecords(image),
      });
      await files.writeAtomically(path, bytes);
      this.kept.push({ ...id, bytes: bytes.length, writtenMs: nowMs });
      notice('info', `wrote metadata snapshot ${path} (${bytes.length} bytes)`);
      await this.clean(nowMs);
    } catch (error) {
      notice('error', `metadata snapshot ${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Piece by piece: a snapshot of 100,000 partitions takes a second, and requests must not wait for it. */
  private async encode(init: SnapshotInit): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (const part of snapshotBatches(init)) {
      parts.push(part);
      await new Promise<void>(resolve => this.options.clock.after(0, resolve));
    }
    return concat(parts);
  }

  /** The newest snapshot always stays, and the log behind the oldest one that stays. */
  private async clean(nowMs: bigint): Promise<void> {
    const { limits, files } = this.options;
    const logBytes = await this.partition.size();
    let bytes = this.kept.reduce((sum, snapshot) => sum + BigInt(snapshot.bytes), logBytes);
    const gone: Kept[] = [];
    for (const oldest of this.kept.slice(0, -1)) {
      const tooMuch = limits.retentionBytes >= 0n && bytes > limits.retentionBytes;
      const tooOld = limits.retentionMs >= 0n && nowMs - oldest.writtenMs > limits.retentionMs;
      if (!tooMuch && !tooOld) break;
      bytes -= BigInt(oldest.bytes);
      gone.push(oldest);
    }
    if (gone.length === 0) return;
    this.kept = this.kept.slice(gone.length);
    // First the log's start, then the files: a crash in between leaves a snapshot too many, never one too few.
    await this.partition.deleteBefore(this.kept[0]!.endOffset);
    for (const id of gone) await files.remove(this.pathOf(id));
  }

  private pathOf(id: SnapshotId): string {
    return `${this.options.directory}/${metadataPartition.directory}/${snapshotName(id)}`;
  }
}
