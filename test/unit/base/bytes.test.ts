import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareBytes, concat, equalBytes, fromHex, text, textBetween, toHex, utf8 } from '../../../src/base/bytes.ts';

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

test('a text in the middle is the text of the part, whatever its bytes', () => {
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.string({ unit: 'binary', maxLength: 20 }).map(utf8));
  fc.assert(
    fc.property(bytes, fc.nat(40), fc.nat(40), (all, from, length) => {
      const start = Math.min(from, all.length);
      const end = Math.min(start + length, all.length);
      expect(textBetween(all, start, end)).toBe(text(all.subarray(start, end)));
    }),
  );
  const marked = Uint8Array.of(0xef, 0xbb, 0xbf, 0x61);
  expect(textBetween(marked, 0, 4)).toBe('\ufeffa');
});
