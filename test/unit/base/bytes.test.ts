import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareBytes, concat, equalBytes, fromHex, text, toHex, utf8 } from '../../../src/base/bytes.ts';

const some = fc.uint8Array({ maxLength: 20 });

test('hex spells bytes and reads them back', () => {
  expect(toHex(Uint8Array.of(0, 10, 255))).toBe('000aff');
  expect(fromHex(' 00 0A\nff')).toEqual(Uint8Array.of(0, 10, 255));
  fc.assert(
    fc.property(some, bytes => {
      expect(fromHex(toHex(bytes))).toEqual(bytes);
    }),
  );
});

test('hex refuses what is not pairs of digits', () => {
  expect(fromHex('abc')).toBeUndefined();
  expect(fromHex('zz')).toBeUndefined();
});

test('concat keeps order and length', () => {
  fc.assert(
    fc.property(fc.array(some), parts => {
      expect([...concat(parts)]).toEqual(parts.flatMap(part => [...part]));
    }),
  );
});

test('comparison is unsigned and a prefix comes first', () => {
  expect(compareBytes(Uint8Array.of(0x7f), Uint8Array.of(0x80))).toBeLessThan(0);
  expect(compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBeLessThan(0);
  fc.assert(
    fc.property(some, some, (a, b) => {
      expect(Math.sign(compareBytes(a, b))).toBe(Math.sign(Buffer.compare(a, b)));
      expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0);
    }),
  );
});

test('text keeps a byte order mark and replaces what is malformed', () => {
  expect(text(utf8('\ufeffa'))).toBe('\ufeffa');
  expect(text(Uint8Array.of(0xff))).toBe('\ufffd');
});
