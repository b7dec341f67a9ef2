// CRC-32C (Castagnoli, reflected polynomial 0x82f63b78), the checksum of record batches. Tables, eight bytes a step; the
// data plane has its own in hardware, this one serves the CLI, tests and main's own records.

const lanes = 8;
const tables = new Int32Array(lanes * 256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  tables[byte] = crc;
}
for (let lane = 1; lane < lanes; lane++) {
  for (let byte = 0; byte < 256; byte++) {
    const before = tables[(lane - 1) * 256 + byte]!;
    tables[lane * 256 + byte] = (before >>> 8) ^ tables[before & 0xff]!;
  }
}

/** The unsigned checksum of `bytes`; `seed` is the checksum of what came before them. */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  let crc = ~seed;
  let at = 0;
  for (const end = bytes.length - 7; at < end; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      tables[0x700 | (crc & 0xff)]! ^
      tables[0x600 | ((crc >>> 8) & 0xff)]! ^
      tables[0x500 | ((crc >>> 16) & 0xff)]! ^
      tables[0x400 | (crc >>> 24)]! ^
      tables[0x300 | bytes[at + 4]!]! ^
      tables[0x200 | bytes[at + 5]!]! ^
      tables[0x100 | bytes[at + 6]!]! ^
      tables[bytes[at + 7]!]!;
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ tables[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}
