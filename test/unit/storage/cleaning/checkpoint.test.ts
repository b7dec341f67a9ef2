import { expect, test } from 'vitest';
import { CleanerCheckpoint, formatCleanEnds, parseCleanEnds } from '../../../../src/storage/cleaning/checkpoint.ts';
import { MemoryFiles } from '../../../support/memory-files.ts';

const ends = new Map([
  ['a-b-3', 17n],
  ['t-0', 0n],
]);

test("writes Kafka's form and reads it", () => {
  expect(formatCleanEnds(ends)).toBe('0\n2\na-b 3 17\nt 0 0\n');
  expect(parseCleanEnds(formatCleanEnds(ends))).toEqual(ends);
  expect(parseCleanEnds('0\n0\n')).toEqual(new Map());
});

test.each(['', '1\n0\n', '0\n2\nt 0 0\n', '0\n1\nt 0\n', '0\n1\nt 0 -1\n', '0\n1\nt x 1\n'])('refuses %j', text => {
  expect(parseCleanEnds(text)).toBeUndefined();
});

test('stores after every pass and forgets what is deleted', async () => {
  const files = new MemoryFiles();
  const checkpoint = new CleanerCheckpoint(files, '/data');
  expect(await checkpoint.load()).toBe(true);
  await Promise.all([checkpoint.store('old-0', 5n), checkpoint.store('t-0', 9n)]);
  await checkpoint.forget('old-0');
  const again = new CleanerCheckpoint(files, '/data');
  expect(await again.load()).toBe(true);
  expect(again.get('t-0')).toBe(9n);
  expect(again.get('old-0')).toBeUndefined();
});

test('a damaged file is reported and counts as none', async () => {
  const files = new MemoryFiles();
  await files.writeAtomically('/data/cleaner-offset-checkpoint', new TextEncoder().encode('nonsense'));
  const checkpoint = new CleanerCheckpoint(files, '/data');
  expect(await checkpoint.load()).toBe(false);
  expect(checkpoint.get('t-0')).toBeUndefined();
});
