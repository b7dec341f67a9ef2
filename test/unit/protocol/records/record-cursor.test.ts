import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchHeaderBytes, decodeBatch, encodeBatch } from '../../../../src/protocol/records/batch.ts';
import { RecordCursor } from '../../../../src/protocol/records/record-cursor.ts';
import { WireError } from '../../../../src/protocol/wire.ts';

const bytes = fc.option(fc.uint8Array({ maxLength: 200 }));
const record = fc.record({
  timestamp: fc.bigInt(-(2n ** 62n), 2n ** 62n),
  key: bytes,
  value: bytes,
  headers: fc.array(fc.record({ key: fc.string(), value: bytes }), { maxLength: 2 }),
  offsetDelta: fc.nat(2 ** 31 - 1),
});

function walk(block: Uint8Array, count: number) {
  const cursor = new RecordCursor(block, count);
  const out: { offset: bigint; key: Uint8Array | null; value: Uint8Array | null }[] = [];
  while (cursor.next()) out.push({ offset: BigInt(cursor.offsetDelta), key: cursor.key, value: cursor.value });
  expect(cursor.left).toBe(0);
  return out;
}

test('it sees what the codec of whole batches sees', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 20 }), records => {
      const batch = encodeBatch({ records });
      const seen = decodeBatch(batch).records.map(({ offset, key, value }) => ({ offset, key, value }));
      expect(walk(batch.subarray(batchHeaderBytes), records.length)).toEqual(seen);
    }),
  );
});

test('bytes that are no records are a WireError, never anything else', () => {
  const block = (records: readonly { timestamp: bigint; key: Uint8Array | null; value: Uint8Array | null }[]) =>
    encodeBatch({ records }).subarray(batchHeaderBytes);
  const damage = fc.record({
    at: fc.nat(500),
    by: fc.integer({ min: 1, max: 255 }),
    cut: fc.nat(40),
    count: fc.nat(6),
  });
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 4 }), damage, (records, { at, by, cut, count }) => {
      const damaged = block(records).slice();
      damaged[at % damaged.length]! ^= by;
      try {
        walk(damaged.subarray(0, damaged.length - cut), count);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
      }
    }),
    { numRuns: 1_000 },
  );
});

test('a count that the bytes cannot hold is refused before anything is read', () => {
  expect(() => new RecordCursor(new Uint8Array(20), 3)).toThrow('3 records in 20 bytes');
  expect(() => new RecordCursor(new Uint8Array(20), -1)).toThrow('-1 records');
});

test('what follows the last record is an error', () => {
  const one = encodeBatch({ records: [{ timestamp: 0n }] }).subarray(batchHeaderBytes);
  const two = new Uint8Array([...one, ...one]);
  expect(() => walk(two, 1)).toThrow('7 bytes behind the last record');
});
