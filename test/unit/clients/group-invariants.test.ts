// The oracle of the group churn: it must notice every kind of broken promise, or its silence means nothing.
import { expect, test } from 'vitest';
import { GroupHistory } from '../../clients/group-invariants.ts';

function healthy(): GroupHistory {
  const history = new GroupHistory();
  history.claim({ process: 'one', generation: 1, memberId: 'm1', partitions: [0, 1] });
  history.produce(0, 0, 100);
  history.produce(0, 1, 101);
  history.consume('one', 0, 0, 100);
  history.committed(0, 1n);
  history.claim({ process: 'one', generation: 2, memberId: 'm1', partitions: [1] });
  history.claim({ process: 'two', generation: 2, memberId: 'm2', partitions: [0] });
  history.consume('two', 0, 0, 100);
  history.consume('two', 0, 1, 101);
  history.committed(0, 2n);
  return history;
}

test('partitions that move between generations and records read twice are right', () => {
  const history = healthy();
  expect(history.finish()).toEqual([]);
  expect([history.distinct, history.duplicates, history.generations, history.latestGeneration]).toEqual([2, 1, 2, 2]);
  expect(history.owned(2)).toBe(2);
});

test('a member may say its assignment of a generation again', () => {
  const history = healthy();
  history.claim({ process: 'two', generation: 2, memberId: 'm2', partitions: [0] });
  expect(history.finish()).toEqual([]);
});

test('a record may be read before its producer heard of it', () => {
  const history = healthy();
  history.consume('two', 0, 2, 102);
  history.produce(0, 2, 102);
  history.committed(0, 3n);
  expect(history.finish()).toEqual([]);
});

const wrongs: [string, (history: GroupHistory) => void, RegExp][] = [
  [
    'two owners in one generation',
    history => history.claim({ process: 'three', generation: 2, memberId: 'm3', partitions: [2, 1] }),
    /generation 2: partition 1 belongs to m1 and to m3/,
  ],
  [
    'two owners in an old generation, told late',
    history => history.claim({ process: 'three', generation: 1, memberId: 'm3', partitions: [0] }),
    /generation 1: partition 0 belongs to m1 and to m3/,
  ],
  [
    'a generation that falls',
    history => history.claim({ process: 'two', generation: 1, memberId: 'm2', partitions: [] }),
    /two went from generation 2 back to 1/,
  ],
  ['a position that falls', history => history.committed(0, 1n), /partition 0: committed 2, later 1/],
  ['a position that is forgotten', history => history.committed(0, -1n), /partition 0: committed 2, later -1/],
  ['a record nobody read', history => history.produce(3, 0, 103), /never consumed: partition 3: 1 records, first 0/],
  [
    'a position short of the end',
    history => history.produce(0, 2, 104),
    /never committed: partition 0: committed 2 of 3/,
  ],
  [
    'another record than was produced',
    history => history.consume('two', 0, 1, 999),
    /offset 1 is event 999, and was event 101/,
  ],
  ['a record nobody produced', history => history.consume('two', 5, 0, 7), /consumed event 7, produced undefined/],
];

test.each(wrongs)('%s', (_what, breakIt, words) => {
  const history = healthy();
  breakIt(history);
  expect(history.finish().join('\n')).toMatch(words);
});
