// The oracle of the kill -9 torture: it must notice every kind of broken promise, or its silence means nothing.
import { expect, test } from 'vitest';
import type { ParsedRecord } from '../../support/parse-records.ts';
import { type Ack, History } from '../../torture/history.ts';

const PARTITIONS = 2;
const history = (): History => new History(PARTITIONS, ['once']);
const record = (offset: bigint, key: string, number: number): ParsedRecord => ({ offset, key, value: String(number) });
const ack = (producer: string, number: number, offset: bigint): Ack => ({ producer, number, partition: 0, offset });

test('what was promised and found is verified', () => {
  const h = history();
  h.acknowledge(ack('once', 0, 0n));
  h.acknowledge(ack('once', 2, 1n));
  const promised = h.promises();
  h.read(0, [record(0n, 'once', 0), record(1n, 'once', 2)]);
  h.nothingIsMissing(0, promised);
  expect(h.verified).toBe(2);
});

test('an acknowledgement that comes after its record was read is checked on a second reading', () => {
  const h = history();
  h.read(0, [record(0n, 'once', 0)]);
  h.acknowledge(ack('once', 0, 0n));
  expect(h.overdue(0)).toBe(0n);
  h.readAgain(0, [record(0n, 'once', 0)]);
  expect(h.verified).toBe(1);
  expect(h.overdue(0)).toBeUndefined();
});

test('a lost record', () => {
  const h = history();
  h.acknowledge(ack('any', 0, 0n));
  h.acknowledge(ack('any', 1, 1n));
  const promised = h.promises();
  h.read(0, [record(0n, 'any', 0)]);
  expect(() => h.nothingIsMissing(0, promised)).toThrow('lost: any 1 at offset 1');
});

test('another record at the promised offset', () => {
  const h = history();
  h.acknowledge(ack('any', 5, 0n));
  expect(() => h.read(0, [record(0n, 'any', 6)])).toThrow('the log holds any 6 there');
});

test('one offset promised twice', () => {
  const h = history();
  h.acknowledge(ack('any', 5, 0n));
  expect(() => h.acknowledge(ack('any', 6, 0n))).toThrow('two records were promised offset 0');
});

test('a gap in the offsets', () => {
  expect(() => history().read(0, [record(0n, 'any', 0), record(2n, 'any', 1)])).toThrow('offset 2 follows 0');
});

test('a duplicate, a hole and a reordering of an idempotent producer; a duplicate of another is allowed', () => {
  expect(() => history().read(0, [record(0n, 'once', 0), record(1n, 'once', 0)])).toThrow('where 2 must be');
  expect(() => history().read(0, [record(0n, 'once', 0), record(1n, 'once', 4)])).toThrow('where 2 must be');
  expect(() => history().read(0, [record(0n, 'once', 2), record(1n, 'once', 0)])).toThrow('where 0 must be');
  history().read(0, [record(0n, 'any', 0), record(1n, 'any', 0)]);
});
