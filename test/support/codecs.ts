/** The five codecs of record batches as clients send them, through npm packages: tests must not compress with the code they test. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { compress as zstdCompress, decompress as zstdDecompress, init as zstdInit } from '@bokuweb/zstd-wasm';
import lz4 from 'lz4-napi';
import { compressSync as snappyCompress, uncompressSync as snappyDecompress } from 'snappy';

export const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Codec = (typeof CODECS)[number];

/** The codec that the low three bits of a batch's attributes name. */
export function codecOfAttributes(attributes: number): Codec {
  const codec = CODECS[attributes & 7];
  if (codec === undefined) throw new Error(`no codec ${attributes & 7}`);
  return codec;
}

export const codecId = (codec: Codec): number => CODECS.indexOf(codec);

/** Java's SnappyOutputStream cuts its input into blocks of 32 KB, each behind its length (the "xerial" framing). */
const XERIAL_BLOCK_BYTES = 32 * 1024;
const XERIAL_MAGIC = Uint8Array.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00, 0, 0, 0, 1, 0, 0, 0, 1]);

await zstdInit();

function xerial(payload: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [XERIAL_MAGIC];
  for (let at = 0; at < payload.length; at += XERIAL_BLOCK_BYTES) {
    const block = snappyCompress(Buffer.from(payload.subarray(at, at + XERIAL_BLOCK_BYTES)));
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

export function compress(codec: Codec, payload: Uint8Array): Uint8Array {
  switch (codec) {
    case 'none':
      return payload;
    case 'gzip':
      return gzipSync(payload, { level: 6 });
    case 'snappy':
      return xerial(payload);
    case 'lz4':
      return lz4.compressFrameSync(Buffer.from(payload));
    case 'zstd':
      return zstdCompress(payload, 3);
  }
}

function fromXerial(payload: Uint8Array): Uint8Array {
  const bytes = Buffer.from(payload);
  if (!bytes.subarray(0, 8).equals(XERIAL_MAGIC.subarray(0, 8))) return Buffer.from(snappyDecompress(bytes));
  const parts: Buffer[] = [];
  for (let at = XERIAL_MAGIC.length; at < bytes.length; ) {
    const length = bytes.readInt32BE(at);
    parts.push(Buffer.from(snappyDecompress(bytes.subarray(at + 4, at + 4 + length))));
    at += 4 + length;
  }
  return Buffer.concat(parts);
}

export function decompress(codec: Codec, payload: Uint8Array): Uint8Array {
  switch (codec) {
    case 'none':
      return payload;
    case 'gzip':
      return gunzipSync(payload);
    case 'snappy':
      return fromXerial(payload);
    case 'lz4':
      return lz4.decompressFrameSync(Buffer.from(payload));
    case 'zstd':
      return zstdDecompress(payload);
  }
}
