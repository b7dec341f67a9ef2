import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../src/base/bytes.ts';
import { Reader, WireError, Writer } from '../../../src/protocol/wire.ts';

const written = (write: (w: Writer) => void): string => {
  const w = new Writer(1);
  write(w);
  return toHex(w.done());
};
const reader = (hex: string): Reader => new Reader(fromHex(hex)!);

test('integers are big-endian two’s complement', () => {
  expect(written(w => w.i8(-2))).toBe('fe');
  expect(written(w => w.i16(-2))).toBe('fffe');
  expect(written(w => w.u16(0xfffe))).toBe('fffe');
  expect(written(w => w.i32(1))).toBe('00000001');
  expect(written(w => w.u32(0xffff_fffe))).toBe('fffffffe');
  expect(written(w => w.i64(-1n))).toBe('ffffffffffffffff');
  expect(written(w => w.f64(1.5))).toBe('3ff8000000000000');
});

// KIP-482 and protobuf's encoding guide.
test('varints', () => {
  expect(written(w => w.uvar(300))).toBe('ac02');
  expect(written(w => w.uvar(0xffff_ffff))).toBe('ffffffff0f');
  expect(written(w => w.varint(-1))).toBe('01');
  expect(written(w => w.varint(150))).toBe('ac02');
  expect(written(w => w.varint(-(2 ** 31)))).toBe('ffffffff0f');
  expect(written(w => w.varlong(-(2n ** 63n)))).toBe('ffffffffffffffffff01');
});

test('varints of any value come back', () => {
  fc.assert(
    fc.property(fc.nat(0xffff_ffff), fc.integer(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (u, i, l) => {
      const w = new Writer();
      w.uvar(u);
      w.varint(i);
      w.varlong(l);
      const r = new Reader(w.done());
      expect([r.uvar(), r.varint(), r.varlong(), r.left]).toEqual([u, i, l, 0]);
    }),
  );
});

test.each(['ffffffff1f', 'ffffffffff01', '8080808080', '80'])('unsigned varint %s is refused', hex => {
  expect(() => reader(hex).uvar()).toThrow(WireError);
});

test.each(['ffffffffffffffffff03', 'ffffffffffffffffffff01', 'ff'])('varlong %s is refused', hex => {
  expect(() => reader(hex).varlong()).toThrow(WireError);
});

describe('a value that its width cannot hold is refused', () => {
  const wrong: [string, (w: Writer) => void][] = [
    ['int8', w => w.i8(128)],
    ['uint8', w => w.u8(-1)],
    ['int16', w => w.i16(0x8000)],
    ['uint16', w => w.u16(0x10000)],
    ['int32', w => w.i32(2 ** 31)],
    ['int32 of a fraction', w => w.i32(0.5)],
    ['int32 of NaN', w => w.i32(Number.NaN)],
    ['uint32', w => w.u32(-1)],
    ['int64', w => w.i64(2n ** 63n)],
    ['int64 of a number', w => w.i64(1 as unknown as bigint)],
    ['unsigned varint', w => w.uvar(-1)],
    ['varint', w => w.varint(2 ** 31)],
    ['varlong', w => w.varlong(2n ** 63n)],
    ['uuid', w => w.uuid('no')],
  ];
  test.each(wrong)('%s', (_, write) => expect(() => write(new Writer())).toThrow(WireError));
});

test('nothing is read past the end', () => {
  const reads: ((r: Reader) => unknown)[] = [
    r => r.i8(),
    r => r.u8(),
    r => r.i16(),
    r => r.i32(),
    r => r.i64(),
    r => r.f64(),
    r => r.uuid(),
    r => r.text(1),
    r => r.slice(1),
    r => r.slice(-1),
  ];
  for (const read of reads) expect(() => read(new Reader(new Uint8Array(0)))).toThrow(WireError);
});

test('a reader of a part of a buffer stays inside', () => {
  const whole = Uint8Array.of(1, 2, 3, 4, 5, 6);
  const r = new Reader(whole.subarray(2, 4));
  expect(r.i16()).toBe(0x0304);
  expect(() => r.i8()).toThrow(WireError);
});

test('text of any kind comes back; lengths count bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), value => {
      const w = new Writer(1);
      w.text(value, (to, length) => to.uvar(length));
      const r = new Reader(w.done());
      const length = r.uvar();
      expect(length).toBe(Buffer.byteLength(value));
      expect(r.text(length)).toBe(value);
    }),
  );
});

test('pieces are copied in, and a patch reaches only what was written', () => {
  const piece = Uint8Array.of(9, 9, 9, 9);
  const w = new Writer(1);
  w.i32(0);
  w.raw(piece);
  piece.fill(0);
  w.patchU32(0, 0xffff_ffff);
  expect(() => w.patchU32(5, 0)).toThrow(WireError);
  expect(toHex(w.done())).toBe('ffffffff09090909');
});
