// Record batches of magic 2 (KIP-98), as the CLI, tests and main's own logs read and write them. The data plane has its own
// reader; differential tests hold the two together. Codecs are passed in: this floor knows none.
//
//    0 baseOffset i64        21 attributes i16: bits 0-2 codec, 3 LogAppendTime, 4 transactional, 5 control, 6 delete horizon
//    8 batchLength i32       23 lastOffsetDelta i32    27 baseTimestamp i64    35 maxTimestamp i64
//   12 leaderEpoch i32       43 producerId i64         51 producerEpoch i16    53 baseSequence i32
//   16 magic i8              57 record count i32       61 records, compressed as one block
//   17 crc u32, CRC-32C of everything from the attributes on
import { crc32c } from '../../base/crc32c.ts';
import { Reader, WireError, Writer } from '../wire.ts';

export const batchHeaderBytes = 61;
/** Base offset and length: what batchLength does not count. */
export const batchPrefixBytes = 12;
const crcAt = 17;
const attributesAt = 21;
const magic2 = 2;

export const compressions = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Compression = (typeof compressions)[number];

/** Whole-block codecs. `decompress` throws, best a WireError, when the result would exceed `bytesMax`. */
export interface BlockCodec {
  compress(compression: Compression, bytes: Uint8Array): Uint8Array;
  decompress(compression: Compression, bytes: Uint8Array, bytesMax: number): Uint8Array;
}

export interface LogHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

export interface LogRecord {
  readonly offset: bigint;
  /** Milliseconds since 1970; of LogAppendTime batches, when the batch was appended. */
  readonly timestamp: bigint;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly LogHeader[];
}

export interface BatchHeader {
  readonly baseOffset: bigint;
  readonly leaderEpoch: number;
  readonly crc: number;
  readonly compression: Compression;
  readonly logAppendTime: boolean;
  readonly transactional: boolean;
  readonly control: boolean;
  readonly deleteHorizon: boolean;
  readonly lastOffsetDelta: number;
  readonly baseTimestamp: bigint;
  readonly maxTimestamp: bigint;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

export interface Batch extends BatchHeader {
  readonly records: readonly LogRecord[];
}

/** Splits concatenated batches by their lengths; a last one that is cut off is left out, as fetches may end in one. */
export function splitBatches(bytes: Uint8Array): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (let at = 0; bytes.length - at >= batchPrefixBytes; ) {
    const length = new Reader(bytes.subarray(at + 8, at + batchPrefixBytes)).i32();
    const size = batchPrefixBytes + length;
    if (size < batchHeaderBytes) throw new WireError(`a batch of ${size} bytes`);
    if (size > bytes.length - at) break;
    out.push(bytes.subarray(at, at + size));
    at += size;
  }
  return out;
}

/** Reads the header of the one batch in `bytes` and checks length, magic and CRC. */
export function readBatchHeader(bytes: Uint8Array): BatchHeader {
  const r = new Reader(bytes);
  const baseOffset = r.i64();
  const size = batchPrefixBytes + r.i32();
  if (size !== bytes.length) throw new WireError(`a batch of ${size} bytes in ${bytes.length}`);
  const leaderEpoch = r.i32();
  const magic = r.i8();
  if (magic !== magic2) throw new WireError(`record batch of magic ${magic}`);
  const crc = r.u32();
  if (crc !== crc32c(bytes.subarray(attributesAt)))
    throw new WireError(`wrong CRC of the batch at offset ${baseOffset}`);
  const attributes = r.i16();
  const compression = compressions[attributes & 7];
  if (compression === undefined) throw new WireError(`unknown codec ${attributes & 7}`);
  return {
    baseOffset,
    leaderEpoch,
    crc,
    compression,
    logAppendTime: (attributes & 8) !== 0,
    transactional: (attributes & 16) !== 0,
    control: (attributes & 32) !== 0,
    deleteHorizon: (attributes & 64) !== 0,
    lastOffsetDelta: r.i32(),
    baseTimestamp: r.i64(),
    maxTimestamp: r.i64(),
    producerId: r.i64(),
    producerEpoch: r.i16(),
    baseSequence: r.i32(),
    recordCount: r.i32(),
  };
}

/**
 * The one batch in `bytes`. `bytesMax` bounds what decompression may produce. Keys and values borrow from `bytes`, or from
 * the decompressed block.
 */
export function decodeBatch(bytes: Uint8Array, codec?: BlockCodec, bytesMax = 64 << 20): Batch {
  const header = readBatchHeader(bytes);
  let block = bytes.subarray(batchHeaderBytes);
  if (header.compression !== 'none') {
    if (codec === undefined) throw new WireError(`no codec for ${header.compression}`);
    block = codec.decompress(header.compression, block, bytesMax);
  }
  const r = new Reader(block);
  const { recordCount } = header;
  if (recordCount < 0 || recordCount * recordBytesMin > block.length) {
    throw new WireError(`${recordCount} records in ${block.length} bytes`);
  }
  const records = new Array<LogRecord>(recordCount);
  for (let i = 0; i < recordCount; i++) records[i] = readRecord(r, header);
  if (r.left > 0) throw new WireError(`${r.left} bytes behind the last record`);
  return { ...header, records };
}

/** Length, attributes, timestamp, offset, key, value, header count: one byte each. */
const recordBytesMin = 7;

function readRecord(outer: Reader, batch: BatchHeader): LogRecord {
  const r = new Reader(outer.slice(outer.varint()));
  r.i8(); // Attributes of a record have no meaning yet.
  const timestamp = batch.baseTimestamp + r.varlong();
  const offset = batch.baseOffset + BigInt(r.varint());
  const key = readBytes(r);
  const value = readBytes(r);
  const count = r.varint();
  if (count < 0 || count * 2 > r.left) throw new WireError(`${count} headers in ${r.left} bytes`);
  const headers: LogHeader[] = [];
  for (let i = 0; i < count; i++) headers.push({ key: r.text(r.varint()), value: readBytes(r) });
  if (r.left > 0) throw new WireError(`${r.left} bytes too many in a record`);
  return { offset, timestamp: batch.logAppendTime ? batch.maxTimestamp : timestamp, key, value, headers };
}

function readBytes(r: Reader): Uint8Array | null {
  const length = r.varint();
  return length < 0 ? null : r.slice(length);
}

export interface RecordInit {
  /** Milliseconds since 1970. */
  readonly timestamp: bigint;
  readonly key?: Uint8Array | null;
  readonly value?: Uint8Array | null;
  readonly headers?: readonly LogHeader[];
  /** By default the record's place in the batch; larger only where compaction has left gaps. */
  readonly offsetDelta?: number;
}

export type BatchInit = Partial<Omit<BatchHeader, 'crc' | 'recordCount' | 'baseTimestamp'>> & {
  readonly records: readonly RecordInit[];
  /** By default the first record's timestamp. */
  readonly baseTimestamp?: bigint;
};

/** Encodes a batch. Defaults: offset 0, epoch -1, uncompressed, CreateTime, no producer; the maximum timestamp is the records'. */
export function encodeBatch(batch: BatchInit, codec?: BlockCodec): Uint8Array {
  const { records, compression = 'none' } = batch;
  const baseTimestamp = batch.baseTimestamp ?? records[0]?.timestamp ?? -1n;
  let maxTimestamp = -1n;
  for (const record of records) if (record.timestamp > maxTimestamp) maxTimestamp = record.timestamp;

  const w = new Writer(256 + records.length * 64);
  w.i64(batch.baseOffset ?? 0n);
  w.i32(0); // Length and CRC are patched once they are known.
  w.i32(batch.leaderEpoch ?? -1);
  w.i8(magic2);
  w.u32(0);
  w.i16(attributesOf(batch));
  w.i32(batch.lastOffsetDelta ?? records.length - 1);
  w.i64(baseTimestamp);
  w.i64(batch.maxTimestamp ?? maxTimestamp);
  w.i64(batch.producerId ?? -1n);
  w.i16(batch.producerEpoch ?? -1);
  w.i32(batch.baseSequence ?? -1);
  w.i32(records.length);
  if (compression === 'none') {
    for (const [i, record] of records.entries()) writeRecord(w, record, baseTimestamp, i);
  } else {
    if (codec === undefined) throw new WireError(`no codec for ${compression}`);
    const block = new Writer(records.length * 64);
    for (const [i, record] of records.entries()) writeRecord(block, record, baseTimestamp, i);
    w.raw(codec.compress(compression, block.done()));
  }
  w.patchU32(8, w.length - batchPrefixBytes);
  w.patchU32(crcAt, crc32c(w.done().subarray(attributesAt)));
  return w.done();
}

function attributesOf(batch: BatchInit): number {
  return (
    compressions.indexOf(batch.compression ?? 'none') |
    (batch.logAppendTime ? 8 : 0) |
    (batch.transactional ? 16 : 0) |
    (batch.control ? 32 : 0) |
    (batch.deleteHorizon ? 64 : 0)
  );
}

function writeRecord(out: Writer, record: RecordInit, baseTimestamp: bigint, index: number): void {
  const w = new Writer(64);
  w.i8(0);
  w.varlong(record.timestamp - baseTimestamp);
  w.varint(record.offsetDelta ?? index);
  writeBytes(w, record.key ?? null);
  writeBytes(w, record.value ?? null);
  const headers = record.headers ?? [];
  w.varint(headers.length);
  for (const header of headers) {
    w.text(header.key, (to, length) => to.varint(length));
    writeBytes(w, header.value);
  }
  out.varint(w.length);
  out.raw(w.done());
}

function writeBytes(w: Writer, bytes: Uint8Array | null): void {
  w.varint(bytes === null ? -1 : bytes.length);
  if (bytes !== null) w.raw(bytes);
}
