// Walks the records of one decompressed batch without making an object of each: for logs of millions of small records.
// Timestamps and headers are passed over.

import { WireError } from '../wire.ts';
import type { RecordBytes } from './coordinator.ts';

/** Length, attributes, timestamp, offset, key, value, header count: one byte each. */
const recordBytesMin = 7;

/** Where key and value of a record lie. */
export interface RecordPlace {
  readonly keyBytes: Uint8Array;
  readonly keyAt: number;
  readonly keyLength: number;
  /** The same buffer in a log; apart for a record that was just encoded. */
  readonly valueBytes: Uint8Array;
  readonly valueAt: number;
  /** Negative for a tombstone. */
  readonly valueLength: number;
}

export class RecordCursor implements RecordPlace {
  /** Of the record that `next` has gone to. */
  offsetDelta = 0;
  readonly keyBytes: Uint8Array;
  readonly valueBytes: Uint8Array;
  keyAt = 0;
  /** Negative when there is none; the same of the value. */
  keyLength = -1;
  valueAt = 0;
  valueLength = -1;
  private readonly bytes: Uint8Array;
  private at = 0;
  private remaining: number;

  /** `count` is what the batch's header says. Throws WireError when `bytes` cannot hold as many. */
  constructor(bytes: Uint8Array, count: number) {
    if (count < 0 || count * recordBytesMin > bytes.length) {
      throw new WireError(`${count} records in ${bytes.length} bytes`);
    }
    this.bytes = bytes;
    this.keyBytes = bytes;
    this.valueBytes = bytes;
    this.remaining = count;
  }

  /** Records that are still to come. */
  get left(): number {
    return this.remaining;
  }

  /** Borrowed, like the value. */
  get key(): Uint8Array | null {
    return this.keyLength < 0 ? null : this.bytes.subarray(this.keyAt, this.keyAt + this.keyLength);
  }

  get value(): Uint8Array | null {
    return this.valueLength < 0 ? null : this.bytes.subarray(this.valueAt, this.valueAt + this.valueLength);
  }

  /** Goes to the next record; false behind the last. Throws WireError when the bytes are no record. */
  next(): boolean {
    if (this.remaining === 0) return false;
    const length = this.varint();
    const end = this.at + length;
    if (length < 0 || end > this.bytes.length) throw new WireError(`a record of ${length} bytes`);
    this.at++; // Attributes have no meaning yet.
    this.pass();
    this.offsetDelta = this.varint();
    this.keyLength = this.varint();
    this.keyAt = this.at;
    if (this.keyLength > 0) this.at += this.keyLength;
    this.valueLength = this.varint();
    this.valueAt = this.at;
    if (this.valueLength > 0) this.at += this.valueLength;
    if (this.at >= end) throw new WireError(`a record is longer than its ${length} bytes`);
    this.at = end;
    this.remaining--;
    if (this.remaining === 0 && end < this.bytes.length) {
      throw new WireError(`${this.bytes.length - end} bytes behind the last record`);
    }
    return true;
  }

  /** A zigzag varint of up to 32 bits; bytes behind the end read as zero and are caught by the record's own length. */
  private varint(): number {
    const { bytes } = this;
    let byte = bytes[this.at++]! | 0;
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
    let value = byte & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      byte = bytes[this.at++]! | 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw new WireError('varint over 32 bits');
  }

  /** Over a varint of up to 64 bits. */
  private pass(): void {
    const { bytes } = this;
    for (const end = this.at + 10; this.at < end; ) if ((bytes[this.at++]! | 0) < 0x80) return;
    throw new WireError('varlong over 64 bits');
  }
}

/** Of a record that was just encoded. */
export const placeOf = ({ key, value }: RecordBytes): RecordPlace => ({
  keyBytes: key,
  keyAt: 0,
  keyLength: key.length,
  valueBytes: value ?? key,
  valueAt: 0,
  valueLength: value?.length ?? -1,
});
