import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { crc32c } from '../../../src/base/crc32c.ts';

const ramp = Uint8Array.from({ length: 32 }, (_, i) => i);

// RFC 3720 B.4 and the customary check value.
test.each([
  ['123456789', utf8('123456789'), 0xe3069283],
  ['32 zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['ascending', ramp, 0x46dd794e],
  ['descending', ramp.toReversed(), 0x113fdb5c],
  ['nothing', new Uint8Array(0), 0],
])('%s', (_, bytes, expected) => expect(crc32c(bytes)).toBe(expected));

function bitByBit(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

test('equals the definition, in one piece or several', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, cut) => {
      expect(crc32c(bytes)).toBe(bitByBit(bytes));
      expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(bitByBit(bytes));
    }),
  );
});
