// Records that go into the log as one batch: those of several turns, as they come while the batch before is being written.
import { batchHeaderBytes, encodeBatch, type RecordInit } from '../../protocol/records/batch.ts';
import type { RecordBytes } from '../../protocol/records/coordinator.ts';

/** At most, besides key and value: length, attributes, timestamp, offset, key length, value length, header count. */
const recordOverheadBytes = 5 + 1 + 10 + 5 + 5 + 5 + 1;

/** The most that the records take in a batch. */
export function bytesOf(records: readonly RecordBytes[]): number {
  let bytes = 0;
  for (const { key, value } of records) bytes += recordOverheadBytes + key.length + (value?.length ?? 0);
  return bytes;
}

export class AppendBatch {
  readonly baseOffset: bigint;
  private readonly bytesMax: number;
  private readonly records: RecordInit[] = [];
  private bytes = batchHeaderBytes;

  constructor(baseOffset: bigint, bytesMax: number) {
    this.baseOffset = baseOffset;
    this.bytesMax = bytesMax;
  }

  get endOffset(): bigint {
    return this.baseOffset + BigInt(this.records.length);
  }

  /** Is there room for records of so many bytes? */
  takes(bytes: number): boolean {
    return this.bytes + bytes <= this.bytesMax;
  }

  add(records: readonly RecordBytes[], bytes: number, timestamp: bigint): void {
    for (const { key, value } of records) this.records.push({ timestamp, key, value });
    this.bytes += bytes;
  }

  encode(leaderEpoch: number): Uint8Array {
    return encodeBatch({ leaderEpoch, records: this.records });
  }
}
