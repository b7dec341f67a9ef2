/** The codecs of record batches for src/protocol/records/batch.ts: compression by the tests' codecs, gzip read back by zlib. */
import { gunzipSync } from 'node:zlib';
import type { BlockCodec } from '../../src/protocol/records/batch.ts';
import { WireError } from '../../src/protocol/wire.ts';
import { compress } from './codecs.ts';

export const blockCodec: BlockCodec = {
  compress,
  decompress(compression, bytes, bytesMax) {
    if (compression !== 'gzip') throw new WireError(`no decompression of ${compression} here`);
    try {
      return new Uint8Array(gunzipSync(bytes, { maxOutputLength: bytesMax }));
    } catch (error) {
      throw new WireError(`gzip: ${String(error)}`);
    }
  },
};
