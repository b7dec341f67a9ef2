import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Prng } from '../../../src/base/prng.ts';
import {
  makeUuid,
  metadataTopicId,
  migratingDirectory,
  parseUuid,
  type Uuid,
  uuidAt,
  uuidToBytes,
  zeroUuid,
} from '../../../src/base/uuid.ts';

const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 });

test('is unpadded base64url of 16 bytes, as Java prints it', () => {
  fc.assert(
    fc.property(sixteen, bytes => {
      const id = uuidAt(bytes);
      expect(id).toBe(Buffer.from(bytes).toString('base64url'));
      expect(uuidToBytes(id)).toEqual(bytes);
      expect(parseUuid(id)).toBe(id);
    }),
  );
});

test('reserved ids count from zero', () => {
  const lastByte = (id: Uuid): number => uuidToBytes(id)[15]!;
  expect([zeroUuid, metadataTopicId, migratingDirectory].map(lastByte)).toEqual([0, 1, 2]);
});

test.each([
  '',
  'AAAAAAAAAAAAAAAAAAAAA',
  'AAAAAAAAAAAAAAAAAAAAAAA',
  'AAAAAAAAAAAAAAAAAAAAA+',
  'AAAAAAAAAAAAAAAAAAAAAB',
  'AAAAAAAAAAAAAAAAAAAAAé',
])('%j is no id', wrong => expect(parseUuid(wrong)).toBeUndefined());

test('a new id is of version 4 and never begins with a dash', () => {
  const prng = new Prng(7);
  for (let i = 0; i < 1000; i++) {
    const id = makeUuid(n => prng.bytes(n));
    const bytes = uuidToBytes(id);
    expect(bytes[6]! >> 4).toBe(4);
    expect(bytes[8]! >> 6).toBe(2);
    expect(id.startsWith('-')).toBe(false);
  }
});

test('a first byte that would print as a dash is drawn again', () => {
  const draws = [new Uint8Array(16).fill(0xf8), new Uint8Array(16).fill(1)];
  expect(makeUuid(() => draws.shift()!).startsWith('AQEB')).toBe(true);
});
