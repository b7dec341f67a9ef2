import { concat } from '../base/bytes.ts';
import { WireError } from '../protocol/wire.ts';

/**
 * The framing of snappy in record batches: a header of 16 bytes, then blocks, each behind its length (int32). Clients
 * write it because Java's first snappy library did; plain snappy without it is read too, as Kafka does.
 */
const header = Uint8Array.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
const magicBytes = 8;
const blockBytes = 32 * 1024;

type Transform = (block: Uint8Array) => Uint8Array;

export function toXerial(bytes: Uint8Array, compress: Transform): Uint8Array {
  const parts: Uint8Array[] = [header];
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const block = compress(bytes.subarray(at, at + blockBytes));
    const length = new Uint8Array(4);
    new DataView(length.buffer).setInt32(0, block.length);
    parts.push(length, block);
  }
  return concat(parts);
}

export function fromXerial(bytes: Uint8Array, decompress: Transform): Uint8Array {
  const framed =
    bytes.length >= header.length && header.subarray(0, magicBytes).every((byte, at) => bytes[at] === byte);
  if (!framed) return decompress(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts: Uint8Array[] = [];
  for (let at = header.length; at < bytes.length; ) {
    const length = at + 4 <= bytes.length ? view.getInt32(at) : -1;
    if (length < 0 || at + 4 + length > bytes.length) throw new WireError('a snappy block is cut off');
    parts.push(decompress(bytes.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return concat(parts);
}
