import { gunzipSync, gzipSync } from 'node:zlib';
import type { BlockCodec, Compression } from '../protocol/records/batch.ts';
import { WireError } from '../protocol/wire.ts';
import { fromXerial, toXerial } from './xerial.ts';

/** Level 3 is zstd's and Kafka's default. */
const zstdLevel = 3;

/** The codecs of the command line. They are loaded on demand: a command that sees no compressed batch pays for none. */
export async function openCodecs(): Promise<BlockCodec> {
  const [{ default: lz4 }, snappy, zstd] = await Promise.all([
    import('lz4-napi'),
    import('snappy'),
    import('@bokuweb/zstd-wasm'),
  ]);
  await zstd.init();
  const unsnappy = (block: Uint8Array) => snappy.uncompressSync(block, { asBuffer: true }) as Buffer;
  return {
    compress(compression, bytes) {
      switch (compression) {
        case 'none':
          return bytes;
        case 'gzip':
          return gzipSync(bytes);
        case 'snappy':
          return toXerial(bytes, snappy.compressSync);
        case 'lz4':
          return lz4.compressFrameSync(Buffer.from(bytes));
        case 'zstd':
          return zstd.compress(bytes, zstdLevel);
      }
    },
    decompress(compression, bytes, bytesMax) {
      const whole = decompress(compression, bytes, bytesMax);
      if (whole.length > bytesMax) throw new WireError(`a ${compression} block of ${whole.length} bytes`);
      return whole;
    },
  };

  function decompress(compression: Compression, bytes: Uint8Array, bytesMax: number): Uint8Array {
    switch (compression) {
      case 'none':
        return bytes;
      case 'gzip':
        return gunzipSync(bytes, { maxOutputLength: Math.max(1, bytesMax) });
      case 'snappy':
        return fromXerial(bytes, unsnappy);
      case 'lz4':
        return lz4.decompressFrameSync(Buffer.from(bytes));
      case 'zstd':
        return zstd.decompress(bytes);
    }
  }
}
