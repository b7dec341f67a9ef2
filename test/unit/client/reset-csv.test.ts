import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PartitionMap } from '../../../src/client/partition-map.ts';
import { formatResetCsv, parseResetCsv } from '../../../src/client/reset-csv.ts';

const plain = (text: string, onlyGroup?: string) =>
  [...parseResetCsv(text, onlyGroup)].map(([group, plan]) => [
    group,
    [...plan].map(e => [e.topic, e.partition, e.value]),
  ]);

test('lines of three fields belong to the one group, lines of four name theirs', () => {
  expect(plain('a,0,5\nb,1,6\n', 'g')).toEqual([
    [
      'g',
      [
        ['a', 0, 5n],
        ['b', 1, 6n],
      ],
    ],
  ]);
  expect(plain('g,a,0,5\r\nh,a,0,6\r\n')).toEqual([
    ['g', [['a', 0, 5n]]],
    ['h', [['a', 0, 6n]]],
  ]);
  expect(plain(' g , a , 0 , 5 \n\n', 'g')).toEqual([['g', [['a', 0, 5n]]]]);
});

test('fields may be quoted', () => {
  expect(plain('"a ""group"", of two",a,0,5')).toEqual([['a "group", of two', [['a', 0, 5n]]]]);
});

test.each([
  ['a,0,5', /line 1 of the file: with several groups/],
  ['g,a,0,5\ng,a,0,6', /line 2 of the file: a-0 a second time/],
  ['g,a,0', /line 1 of the file: with several groups/],
  ['g,a,x,5', /partition "x"/],
  ['g,a,-1,5', /partition "-1"/],
  ['g,a,2147483648,5', /partition "2147483648"/],
  ['g,a,0,-5', /offset "-5"/],
  ['g,a,0,9223372036854775808', /offset "9223372036854775808"/],
  ['a,0', /three or four fields/],
  ['"g,a,0,5', /quote/],
  ['g"x",a,0,5', /quote/],
])('%j is refused by its line', (text, why) => {
  expect(() => parseResetCsv(text, undefined)).toThrow(why);
});

test('what is exported is read again', () => {
  const names = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme-ascii' }).map(name => name.trim() || 'x');
  const plans = fc.uniqueArray(names, { minLength: 1, maxLength: 3 }).chain(groups =>
    fc.tuple(
      ...groups.map(group =>
        fc
          .uniqueArray(
            fc.record({
              topic: fc.constantFrom('a', 'b.c'),
              partition: fc.nat(),
              value: fc.bigInt(0n, 2n ** 63n - 1n),
            }),
            {
              selector: each => `${each.topic}-${each.partition}`,
              minLength: 1,
            },
          )
          .map(entries => [group, new PartitionMap(entries)] as const),
      ),
    ),
  );
  fc.assert(
    fc.property(plans, entries => {
      const text = formatResetCsv(new Map(entries));
      const back = parseResetCsv(text, entries.length === 1 ? entries[0]![0] : undefined);
      const sorted = (plan: PartitionMap<bigint>) => [...plan].map(e => `${e.topic}-${e.partition}=${e.value}`).sort();
      expect([...back].map(([group, plan]) => [group, sorted(plan)])).toEqual(
        entries.map(([group, plan]) => [group, sorted(plan)]),
      );
    }),
  );
});
