// The comparison under the real clients' event stream must see what it is there for.
import { expect, test } from 'vitest';
import { compareExchange, parseRead } from '../../clients/support/exchange.ts';

const sent = [
  { key: 'a', value: '1' },
  { key: 'b', value: '2' },
  { key: 'a', value: '3' },
  { key: 'c', value: '4' },
];
const right = [
  { partition: 0, key: 'a', value: '1' },
  { partition: 0, key: 'a', value: '3' },
  { partition: 1, key: 'b', value: '2' },
  { partition: 1, key: 'c', value: '4' },
];

test('the same events, however the partitions interleave', () => {
  const { expected, actual } = compareExchange('right', sent, [right[2]!, right[0]!, right[3]!, right[1]!]);
  expect(actual).toEqual(expected);
});

test.each([
  ['one is missing', right.slice(1)],
  ['one is there twice', [...right, right[3]!]],
  ['two of a key are swapped', [right[1]!, right[0]!, right[2]!, right[3]!]],
  ['a value is another', [{ ...right[0]!, value: '9' }, ...right.slice(1)]],
  ['a key is in two partitions', [right[0]!, { ...right[1]!, partition: 1 }, right[2]!, right[3]!]],
])('%s', (_what, read) => {
  const { expected, actual } = compareExchange('wrong', sent, read);
  expect(actual).not.toEqual(expected);
});

test('lines of the client programs', () => {
  expect(parseRead('3\tkey\tva\tlue\n')).toEqual([{ partition: 3, key: 'key', value: 'va\tlue' }]);
  expect(() => parseRead('nonsense\n')).toThrow('not a record');
});
