/** Reads record batches back out of bytes as a broker returned or stored them; the tests' own reader, independent of src. */
import { BATCH_HEADER_BYTES, CRC_COVERS_FROM } from './batch.ts';
import { crc32c } from './crc32c.ts';

export type ParsedBatch = {
  readonly baseOffset: bigint;
  readonly bytes: number;
  readonly leaderEpoch: number;
  readonly magic: number;
  readonly crcHolds: boolean;
  readonly attributes: number;
  readonly lastOffsetDelta: number;
  readonly baseTimestamp: bigint;
  readonly maxTimestamp: bigint;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly count: number;
  /** The bytes behind the header, compressed as they are. */
  readonly payload: Uint8Array;
};

export function parseBatches(bytes: Uint8Array): ParsedBatch[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const batches: ParsedBatch[] = [];
  for (let at = 0; at + BATCH_HEADER_BYTES <= view.length; ) {
    const size = view.readInt32BE(at + 8) + 12;
    // A fetch may end in the middle of a batch.
    if (at + size > view.length) break;
    const batch = view.subarray(at, at + size);
    batches.push({
      baseOffset: batch.readBigInt64BE(0),
      bytes: size,
      leaderEpoch: batch.readInt32BE(12),
      magic: batch.readInt8(16),
      crcHolds: batch.readUInt32BE(17) === crc32c(batch.subarray(CRC_COVERS_FROM)),
      attributes: batch.readInt16BE(21),
      lastOffsetDelta: batch.readInt32BE(23),
      baseTimestamp: batch.readBigInt64BE(27),
      maxTimestamp: batch.readBigInt64BE(35),
      producerId: batch.readBigInt64BE(43),
      producerEpoch: batch.readInt16BE(51),
      baseSequence: batch.readInt32BE(53),
      count: batch.readInt32BE(57),
      payload: batch.subarray(BATCH_HEADER_BYTES),
    });
    at += size;
  }
  return batches;
}
