import { expect, test } from 'vitest';
import { parseProperties } from '../../../../src/core/config/properties.ts';

const pairs = (text: string) => parseProperties(text).map(({ key, value, line }) => [key, value, line]);

test('comments and blank lines are skipped, lines are counted', () => {
  expect(pairs('# a\n! b\n\n  node.id=1\n')).toEqual([['node.id', '1', 4]]);
});

test('the separator is =, : or blank, with blanks around it', () => {
  expect(pairs('a=1\nb : 2\nc 3\nd')).toEqual([
    ['a', '1', 1],
    ['b', '2', 2],
    ['c', '3', 3],
    ['d', '', 4],
  ]);
});

test('a backslash at the end continues the line, a doubled one does not', () => {
  expect(pairs('a=1,\\\n   2\nb=x\\\\\nc=3')).toEqual([
    ['a', '1,2', 1],
    ['b', 'x\\', 3],
    ['c', '3', 4],
  ]);
});

test('escapes are resolved in keys and values', () => {
  expect(pairs('a\\=b=c\\td\\u0041\\q')).toEqual([['a=b', 'c\tdAq', 1]]);
});
