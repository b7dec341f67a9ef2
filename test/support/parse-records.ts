/** The records of stored batches; the tests' own reader. */
import { codecOfAttributes, decompress } from './codecs.ts';
import { type ParsedBatch, parseBatches } from './parse-batches.ts';

export type ParsedRecord = { readonly offset: bigint; readonly key: string | null; readonly value: string | null };

class Cursor {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  varint(): number {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.bytes.readUInt8(this.at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number((value >> 1n) ^ -(value & 1n));
    }
  }

  skip(count: number): void {
    this.at += count;
  }

  text(): string | null {
    const length = this.varint();
    if (length < 0) return null;
    this.at += length;
    return this.bytes.toString('utf8', this.at - length, this.at);
  }

  get position(): number {
    return this.at;
  }

  seek(position: number): void {
    this.at = position;
  }
}

function recordsOf(batch: ParsedBatch): ParsedRecord[] {
  const cursor = new Cursor(decompress(codecOfAttributes(batch.attributes), batch.payload));
  return Array.from({ length: batch.count }, () => {
    const length = cursor.varint();
    const end = cursor.position + length;
    cursor.skip(1);
    cursor.varint();
    const offset = batch.baseOffset + BigInt(cursor.varint());
    const record = { offset, key: cursor.text(), value: cursor.text() };
    cursor.seek(end);
    return record;
  });
}

/** Throws when a batch's CRC does not hold. */
export function parseRecords(bytes: Uint8Array): ParsedRecord[] {
  return parseBatches(bytes).flatMap(batch => {
    if (!batch.crcHolds) throw new Error(`the batch at ${batch.baseOffset} has a wrong CRC`);
    return recordsOf(batch);
  });
}
