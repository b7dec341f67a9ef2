/** The log of one partition in memory: whole batches, of which the first `synced` would survive a power cut. */
import { readBatchHeader } from '../protocol/records/batch.ts';
import type { ProducerState } from '../runtime/ports.ts';

interface StoredBatch {
  readonly baseOffset: bigint;
  readonly endOffset: bigint;
  readonly bytes: Uint8Array;
}

export class FakeLog {
  private batches: StoredBatch[] = [];
  private synced = 0;
  private start = 0n;
  private readonly producerStates = new Map<bigint, ProducerState>();
  /** Not closed properly: opening it again is a recovery. */
  dirty = false;

  get logStartOffset(): bigint {
    return this.start;
  }

  get logEndOffset(): bigint {
    return this.batches.at(-1)?.endOffset ?? this.start;
  }

  get flushedEndOffset(): bigint {
    return this.batches[this.synced - 1]?.endOffset ?? this.start;
  }

  get sizeBytes(): bigint {
    return this.batches.reduce((sum, batch) => sum + BigInt(batch.bytes.length), 0n);
  }

  producers(): readonly ProducerState[] {
    return [...this.producerStates.values()];
  }

  /** Stamps offset and leader epoch as the real log does. Throws WireError unless `bytes` are exactly one valid batch. */
  append(bytes: Uint8Array, leaderEpoch: number): bigint {
    const header = readBatchHeader(bytes);
    const stamped = bytes.slice();
    const view = new DataView(stamped.buffer);
    const baseOffset = this.logEndOffset;
    view.setBigInt64(0, baseOffset);
    view.setInt32(12, leaderEpoch);
    this.batches.push({ baseOffset, endOffset: baseOffset + BigInt(header.lastOffsetDelta) + 1n, bytes: stamped });
    if (header.producerId >= 0n)
      this.producerStates.set(header.producerId, {
        producerId: header.producerId,
        producerEpoch: header.producerEpoch,
        lastSequence: header.baseSequence + header.lastOffsetDelta,
        lastTimestamp: header.maxTimestamp,
        coordinatorEpoch: -1,
        currentTxnStartOffset: -1n,
      });
    return baseOffset;
  }

  sync(): void {
    this.synced = this.batches.length;
  }

  /** Whole batches from the one that holds `from`, below `upper`, at least one if there is one. */
  read(from: bigint, upper: bigint, maxBytes: number): Uint8Array {
    const chosen: Uint8Array[] = [];
    let size = 0;
    for (const batch of this.batches) {
      if (batch.endOffset <= from) continue;
      if (batch.endOffset > upper || (chosen.length > 0 && size + batch.bytes.length > maxBytes)) break;
      chosen.push(batch.bytes);
      size += batch.bytes.length;
    }
    const out = new Uint8Array(size);
    let at = 0;
    for (const bytes of chosen) {
      out.set(bytes, at);
      at += bytes.length;
    }
    return out;
  }

  /** DeleteRecords: batches wholly below `offset` are gone. */
  deleteBefore(offset: bigint): void {
    if (offset <= this.start) return;
    this.start = offset;
    const gone = this.batches.filter(batch => batch.endOffset <= offset).length;
    this.batches = this.batches.slice(gone);
    this.synced = Math.max(0, this.synced - gone);
  }

  /** A power cut: what was synced stays, and `keepUnsynced` of the batches written after it. */
  crash(keepUnsynced: number): void {
    this.batches = this.batches.slice(0, this.synced + keepUnsynced);
    this.synced = this.batches.length;
    this.dirty = true;
  }
}
