import { expect, test } from 'vitest';
import { duration, timestamp } from '../../../src/cli/time.ts';

test.each([
  ['2026-01-31T12:00:00Z', 1769860800000n],
  ['2026-01-31T12:00:00.000', 1769860800000n],
  ['2026-01-31T13:00:00+01:00', 1769860800000n],
  ['2026-01-31T11:00:00.5-01:00', 1769860800500n],
  ['2026-01-31', 1769817600000n],
  ['0', 0n],
  ['1769860800000', 1769860800000n],
])('%s is a time, in UTC unless it says otherwise', (given, ms) => {
  expect(timestamp(given)).toBe(ms);
});

test.each(['', 'now', '2026-13-01', '2026-01-31T25:00:00', '-1', '1.5'])('%j is no time', given => {
  expect(() => timestamp(given)).toThrow(/Give a time/);
});

test.each([
  ['P1D', 86_400_000n],
  ['PT1H', 3_600_000n],
  ['P1DT2H3M4.5S', 93_784_500n],
  ['pt90m', 5_400_000n],
  ['PT0S', 0n],
])('%s is a duration', (given, ms) => {
  expect(duration(given)).toBe(ms);
});

test.each(['', 'P', 'PT', 'P1DT', '1D', 'P1M', 'P1Y', 'PT1.5H', 'P-1D', 'P1D2H'])('%j is no duration', given => {
  expect(() => duration(given)).toThrow(/ISO 8601/);
});
