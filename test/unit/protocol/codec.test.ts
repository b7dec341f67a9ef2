// The rules of versions, null, defaults and tags, on a schema made for the purpose.
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../src/base/bytes.ts';
import { zeroUuid } from '../../../src/base/uuid.ts';
import { codecOf, decode, encode } from '../../../src/protocol/codec.ts';
import {
  array,
  bool,
  bytes,
  type Infer,
  type Init,
  int8,
  int32,
  int64,
  message,
  string,
  struct,
  uuid,
} from '../../../src/protocol/schema.ts';
import { Reader, WireError, Writer } from '../../../src/protocol/wire.ts';

const Sample = message({
  name: 'Sample',
  key: 0,
  min: 0,
  max: 3,
  flexibleFrom: 2,
  fields: {
    name: string.nullable(1),
    strict: int32.since(1).or(7),
    loose: int32.since(1).or(8).ignorable(),
    old: bool.until(0).or(false),
    items: array(struct({ id: int8, note: string.since(3).or('') })),
    extra: struct({ z: int8 }).since(2).nullable().tag(5).or(null),
    label: string.since(2).nullable().tag(0).or(null),
    point: struct({ x: int32.or(-1), y: int64 })
      .since(2)
      .tag(1),
    list: array(int8).since(3).nullable().tag(6),
    maybe: struct({ q: int8 }).since(3).nullable().or(null),
  },
});
type Sample = Infer<typeof Sample>;

const hex = (...parts: string[]): string => parts.join('');
const minimal: Init<typeof Sample> = { name: 'a', items: [] };
const hexAt = (version: number, value: Init<typeof Sample>): string => toHex(encode(Sample, version, value));
const readAt = (version: number, hex: string): Sample => decode(Sample, version, fromHex(hex)!);

test('old versions: two and four bytes of length, no tags', () => {
  expect(hexAt(0, { ...minimal, old: true, items: [{ id: 5 }] })).toBe('0001' + '61' + '01' + '00000001' + '05');
  expect(hexAt(1, minimal)).toBe('0001' + '61' + '00000007' + '00000008' + '00000000');
});

test('flexible versions: compact lengths, a tagged section in every struct', () => {
  const value = { ...minimal, items: [{ id: 5 }] };
  expect(hexAt(2, value)).toBe('02' + '61' + '00000007' + '00000008' + '02' + '0500' + '00');
});

test('an absent field reads as its default', () => {
  const value = readAt(0, '000161' + '00' + '00000000');
  expect(value).toEqual({
    name: 'a',
    strict: 7,
    loose: 8,
    old: false,
    items: [],
    label: null,
    point: { x: -1, y: 0n },
    extra: null,
    list: [],
    maybe: null,
  });
});

describe('a value that the version cannot carry', () => {
  test('is refused with its path', () => {
    expect(() => hexAt(0, { ...minimal, strict: 1 })).toThrow('Sample.strict cannot be sent at version 0');
    expect(() => hexAt(1, { ...minimal, label: '' })).toThrow(WireError);
    expect(() => hexAt(1, { ...minimal, point: { y: 1n } })).toThrow(WireError);
    expect(() => hexAt(1, { ...minimal, old: true })).toThrow(WireError);
    expect(() => hexAt(2, { ...minimal, items: [{ id: 1, note: 'n' }] })).toThrow('Sample.items[].note');
    expect(() => hexAt(2, { ...minimal, list: null })).toThrow(WireError);
  });

  test('is dropped when the field is ignorable, and no matter when it is the default', () => {
    expect(hexAt(0, { ...minimal, loose: 99, strict: 7, point: { x: -1, y: 0n }, list: [] })).toBe(hexAt(0, minimal));
  });
});

describe('null', () => {
  test('is written and read where the version allows it', () => {
    expect(hexAt(1, { ...minimal, name: null })).toBe('ffff' + '00000007' + '00000008' + '00000000');
    expect(hexAt(2, { ...minimal, name: null })).toBe('00' + '00000007' + '00000008' + '01' + '00');
    expect(readAt(1, 'ffff' + '00000007' + '00000008' + '00000000').name).toBeNull();
  });

  test('is refused elsewhere', () => {
    expect(() => hexAt(0, { ...minimal, name: null })).toThrow('Sample.name: null');
    expect(() => readAt(0, 'ffff' + '00' + '00000000')).toThrow(WireError);
    expect(() => readAt(1, '000161' + '00000007' + '00000008' + 'ffffffff')).toThrow(WireError);
  });

  test('of a struct is a byte', () => {
    const flat = '02610000000700000008' + '01';
    expect(hexAt(3, minimal)).toBe(`${flat}ff00`);
    expect(hexAt(3, { ...minimal, maybe: { q: 2 } })).toBe(`${flat}01020000`);
    expect(readAt(3, `${flat}01020000`).maybe).toEqual({ q: 2 });
  });
});

describe('tagged fields', () => {
  const flat = '02610000000700000008' + '01';
  test('are written when they differ from the default, in the order of their tags', () => {
    const value = { ...minimal, extra: { z: 3 }, point: { y: 0n, x: 4 }, label: 'b' };
    expect(hexAt(2, value)).toBe(
      hex(flat, '03', '00', '02', '0262', '01', '0d', '00000004', '0000000000000000', '00', '05', '03', '010300'),
    );
    expect(readAt(2, hexAt(2, value))).toMatchObject(value);
  });

  test('of a nullable list with an empty default tell null from empty', () => {
    expect(hexAt(3, { ...minimal, list: null })).toBe(hex(flat, 'ff', '01', '06', '01', '00'));
    expect(readAt(3, `${flat}ff01060100`).list).toBeNull();
  });

  test('that are unknown are skipped, in any order', () => {
    const value = readAt(2, hex(flat, '03', '63', '02', 'beef', '00', '02', '0262', '2a', '00'));
    expect(value.label).toBe('b');
  });

  test('with bytes too many, or too few, are refused', () => {
    expect(() => readAt(2, hex(flat, '01', '00', '03', '026200'))).toThrow(WireError);
    expect(() => readAt(2, hex(flat, '01', '00', '02', '0462'))).toThrow(WireError);
    expect(() => readAt(2, hex(flat, '01', '63', '7f'))).toThrow(WireError);
  });
});

describe('lengths that the bytes left do not justify allocate nothing', () => {
  const Big = message({
    name: 'Big',
    key: 0,
    min: 0,
    max: 1,
    flexibleFrom: 1,
    fields: { all: array(struct({ id: uuid, data: bytes })) },
  });
  test('arrays', () => {
    expect(() => decode(Big, 0, fromHex(`7fffffff${'00'.repeat(100)}`)!)).toThrow('2147483647 elements in 100 bytes');
    expect(() => decode(Big, 0, fromHex(`00000006${'00'.repeat(100)}`)!)).toThrow('6 elements in 100 bytes');
    expect(() => decode(Big, 1, fromHex(`ffffffff0f${'00'.repeat(100)}`)!)).toThrow(WireError);
  });
  test('bytes', () => {
    expect(() => decode(Big, 0, fromHex(`00000001${'00'.repeat(16)}7fffffff`)!)).toThrow(WireError);
  });
});

test('strings end at 32767 bytes, as in Kafka', () => {
  expect(encode(Sample, 2, { ...minimal, name: 'a'.repeat(0x7fff) }).length).toBeGreaterThan(0x7fff);
  expect(() => encode(Sample, 2, { ...minimal, name: 'é'.repeat(0x4000) })).toThrow(WireError);
  expect(() => readAt(2, `818002${'61'.repeat(0x8000)}00000007${'00'.repeat(6)}`)).toThrow('a string of 32768 bytes');
});

test('values of a wrong type are refused', () => {
  const wrong = (value: object): Init<typeof Sample> => ({ ...minimal, ...value }) as Init<typeof Sample>;
  expect(() => hexAt(0, wrong({ name: 5 }))).toThrow(WireError);
  expect(() => hexAt(0, wrong({ items: 5 }))).toThrow(WireError);
  expect(() => hexAt(0, wrong({ items: [null] }))).toThrow(WireError);
  expect(() => encode(message({ ...Sample, fields: { b: bytes } }), 0, { b: 'x' as never })).toThrow(WireError);
});

test('only versions that exist have a codec, and it is made once', () => {
  for (const version of [-1, 4, 0.5, Number.NaN]) expect(() => codecOf(Sample, version)).toThrow(WireError);
  expect(codecOf(Sample, 1)).toBe(codecOf(Sample, 1));
});

test('decode refuses bytes behind the message, a reader leaves them', () => {
  const Small = message({ name: 'Small', key: 0, min: 0, max: 0, flexibleFrom: Infinity, fields: { id: uuid } });
  const bytesOfTwo = new Uint8Array(17);
  expect(() => decode(Small, 0, bytesOfTwo)).toThrow('1 bytes behind Small');
  const r = new Reader(bytesOfTwo);
  expect(codecOf(Small, 0).read(r)).toEqual({ id: zeroUuid });
  expect(r.left).toBe(1);
});

test('bytes borrow from the input', () => {
  const Blob = message({ name: 'Blob', key: 0, min: 0, max: 0, flexibleFrom: Infinity, fields: { data: bytes } });
  const input = fromHex('00000001aa')!;
  const { data } = decode(Blob, 0, input);
  input[4] = 0xbb;
  expect(data[0]).toBe(0xbb);
  const w = new Writer();
  codecOf(Blob, 0).write(w, { data });
  expect(toHex(w.done())).toBe('00000001bb');
});
