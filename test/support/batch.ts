/**
 * Record batches (magic 2) with every field free, right or wrong: the tests' own writer, independent of src/protocol and of the native code.
 * Layout: https://kafka.apache.org/documentation/#recordbatch
 */
import { type Codec, codecId, compress } from './codecs.ts';
import { crc32c } from './crc32c.ts';

export const BATCH_HEADER_BYTES = 61;
/** Where the CRC-covered part (from the attributes on) begins. */
export const CRC_COVERS_FROM = 21;

export const LOG_APPEND_TIME = 8;
export const TRANSACTIONAL = 16;
export const CONTROL = 32;

export type RecordSpec = {
  key?: Uint8Array | string | null;
  value?: Uint8Array | string | null;
  timestampDelta?: number;
  offsetDelta?: number;
  attributes?: number;
  headers?: readonly [string, string | null][];
};

export type BatchSpec = {
  records?: readonly RecordSpec[];
  codec?: Codec;
  /** Added to the codec's bits; `attributes` replaces them altogether. */
  flags?: number;
  attributes?: number;
  baseOffset?: bigint;
  baseTimestamp: bigint;
  maxTimestamp?: bigint;
  producerId?: bigint;
  producerEpoch?: number;
  baseSequence?: number;
  leaderEpoch?: number;
  magic?: number;
  count?: number;
  lastOffsetDelta?: number;
  /** Takes the place of the (compressed) records. */
  payload?: Uint8Array;
  corruptCrc?: boolean;
  /** Added to the batch's own length field. */
  lengthSkew?: number;
};

/** A zig-zag varint; 32 bits are enough for every delta and length the tests write, timestamps included. */
export function varint(value: number): number[] {
  let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
  const out: number[] = [];
  for (; rest > 0x7fn; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80);
  out.push(Number(rest));
  return out;
}

const bytesOf = (data: Uint8Array | string): Uint8Array => (typeof data === 'string' ? Buffer.from(data) : data);

function field(data: Uint8Array | string | null): Uint8Array[] {
  if (data === null) return [Uint8Array.from(varint(-1))];
  const bytes = bytesOf(data);
  return [Uint8Array.from(varint(bytes.length)), bytes];
}

export function encodeRecord(record: RecordSpec, index: number): Uint8Array {
  const head = [record.attributes ?? 0, ...varint(record.timestampDelta ?? 0), ...varint(record.offsetDelta ?? index)];
  const headers = record.headers ?? [];
  const body = Buffer.concat([
    Uint8Array.from(head),
    ...field(record.key === undefined ? 'k' : record.key),
    ...field(record.value === undefined ? 'v' : record.value),
    Uint8Array.from(varint(headers.length)),
    ...headers.flatMap(([key, value]) => [...field(key), ...field(value)]),
  ]);
  return Buffer.concat([Uint8Array.from(varint(body.length)), body]);
}

const lastDelta = (records: readonly RecordSpec[]): number => records.length - 1;

export function encodeBatch(spec: BatchSpec): Buffer {
  const records = spec.records ?? [{}];
  const codec = spec.codec ?? 'none';
  const payload = spec.payload ?? compress(codec, Buffer.concat(records.map(encodeRecord)));
  const batch = Buffer.alloc(BATCH_HEADER_BYTES + payload.length);
  const deltas = records.map(record => record.timestampDelta ?? 0);
  const maxDelta = Math.max(...(deltas.length > 0 ? deltas : [0]));
  batch.writeBigInt64BE(spec.baseOffset ?? 0n, 0);
  batch.writeInt32BE(batch.length - 12 + (spec.lengthSkew ?? 0), 8);
  batch.writeInt32BE(spec.leaderEpoch ?? -1, 12);
  batch.writeInt8(spec.magic ?? 2, 16);
  batch.writeInt16BE(spec.attributes ?? codecId(codec) | (spec.flags ?? 0), 21);
  batch.writeInt32BE(spec.lastOffsetDelta ?? lastDelta(records), 23);
  batch.writeBigInt64BE(spec.baseTimestamp, 27);
  batch.writeBigInt64BE(spec.maxTimestamp ?? spec.baseTimestamp + BigInt(maxDelta), 35);
  batch.writeBigInt64BE(spec.producerId ?? -1n, 43);
  batch.writeInt16BE(spec.producerEpoch ?? -1, 51);
  batch.writeInt32BE(spec.baseSequence ?? -1, 53);
  batch.writeInt32BE(spec.count ?? records.length, 57);
  batch.set(payload, BATCH_HEADER_BYTES);
  sealBatch(batch);
  if (spec.corruptCrc) batch.writeUInt32BE((batch.readUInt32BE(17) ^ 1) >>> 0, 17);
  return batch;
}

/** Writes the CRC that the batch's bytes ask for. */
export function sealBatch(batch: Buffer): void {
  batch.writeUInt32BE(crc32c(batch.subarray(CRC_COVERS_FROM)), 17);
}
