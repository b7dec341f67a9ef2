/** The five codecs of record batches as clients send them, through npm packages: tests must not compress with the code they test. */
import { gzipSync } from 'node:zlib';
import { compress as zstdCompress, init as zstdInit } from '@bokuweb/zstd-wasm';
import lz4 from 'lz4-napi';
import { compressSync as snappyCompress } from 'snappy';

export const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Codec = (typeof CODECS)[number];

/** The codec's number in the low three bits of a batch's attributes. */
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
