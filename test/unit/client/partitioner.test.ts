import { expect, test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { murmur2, partitionOf } from '../../../src/client/partitioner.ts';

// From the Java client's own unit test of its hash (UtilsTest, murmur2).
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('murmur2(%j) is the hash of the Java client', (key, hash) => {
  expect(murmur2(utf8(key))).toBe(hash);
});

test('partitions are within bounds for hashes of either sign', () => {
  for (const key of ['21', 'abc', '', 'foobar']) {
    const partition = partitionOf(utf8(key), 7);
    expect(partition).toBeGreaterThanOrEqual(0);
    expect(partition).toBeLessThan(7);
  }
});
