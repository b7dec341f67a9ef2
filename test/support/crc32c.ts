/** CRC32C (Castagnoli, reflected polynomial 0x82F63B78), eight bytes a round: test batches are up to a megabyte. Independent of src and native on purpose. */

const POLYNOMIAL = 0x82f63b78;
const SLICES = 8;

const tables: Uint32Array[] = [];
for (let slice = 0; slice < SLICES; slice++) {
  const table = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    if (slice === 0) {
      let crc = byte;
      for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
      table[byte] = crc >>> 0;
    } else {
      const before = tables[slice - 1]![byte]!;
      table[byte] = (before >>> 8) ^ tables[0]![before & 0xff]!;
    }
  }
  tables.push(table);
}

export function crc32c(bytes: Uint8Array): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  let crc = 0xffffffff;
  let at = 0;
  for (; at + SLICES <= bytes.length; at += SLICES) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      t7[crc & 0xff]! ^
      t6[(crc >>> 8) & 0xff]! ^
      t5[(crc >>> 16) & 0xff]! ^
      t4[crc >>> 24]! ^
      t3[bytes[at + 4]!]! ^
      t2[bytes[at + 5]!]! ^
      t1[bytes[at + 6]!]! ^
      t0[bytes[at + 7]!]!;
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[at]!) & 0xff]!;
  return (crc ^ 0xffffffff) >>> 0;
}
