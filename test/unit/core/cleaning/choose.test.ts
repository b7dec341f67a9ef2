import { expect, test } from 'vitest';
import { dirtiestFirst, dirtyRatio, isDue, type Weight } from '../../../../src/core/cleaning/choose.ts';

const weight = (cleanBytes: bigint, cleanableBytes: bigint, more: Partial<Weight> = {}): Weight => ({
  error: 0,
  cleanBytes,
  cleanableBytes,
  overdueMs: 0n,
  ...more,
});
const candidate = (dirt: Weight, minDirtyRatio = 0.5) => ({ dirt, minDirtyRatio });

test('the ratio is the dirty part of what can be looked at', () => {
  expect(dirtyRatio(weight(30n, 10n))).toBe(0.25);
  expect(dirtyRatio(weight(0n, 0n))).toBe(0);
});

test('a log is due above the ratio, not at it', () => {
  expect(isDue(candidate(weight(10n, 10n)))).toBe(false);
  expect(isDue(candidate(weight(10n, 11n)))).toBe(true);
  expect(isDue(candidate(weight(0n, 0n), 0))).toBe(false);
  expect(isDue(candidate(weight(0n, 9n, { error: 6 })))).toBe(false);
});

test('what waits longer than max.compaction.lag.ms is due whatever the ratio', () => {
  expect(isDue(candidate(weight(1000n, 1n, { overdueMs: 1n })))).toBe(true);
  expect(isDue(candidate(weight(1000n, 0n, { overdueMs: 1n })))).toBe(false);
});

test('the dirtiest comes first', () => {
  const some = [candidate(weight(10n, 11n)), candidate(weight(10n, 90n)), candidate(weight(90n, 10n))];
  expect(dirtiestFirst(some)).toEqual([some[1], some[0]]);
});
