import { describe, expect, test } from 'vitest';
import { ProtocolVotes } from '../../../../src/core/group/protocol-votes.ts';
import { canRebalance, type GroupState, mayFollow } from '../../../../src/core/group/states.ts';
import { subscribedTopics } from '../../../../src/core/group/subscription.ts';
import { named, subscription } from '../../../support/groups.ts';

describe('votes', () => {
  const lists = (...names: string[]) => names.map(list => [...list].map(name => named(name)));

  test.each([
    [['ab', 'ab', 'ba'], 'a'],
    [['ab', 'ba', 'ba'], 'b'],
    [['xab', 'ba', 'ba'], 'b'],
    [['ab', 'b'], 'b'],
    [['ab', 'ba'], 'a'],
    [['ba', 'ab'], 'b'],
    [['a', 'b'], undefined],
    [[], undefined],
  ])('of %j elect %s', (names, elected) => {
    const ballots = lists(...names);
    const votes = new ProtocolVotes();
    for (const ballot of ballots) votes.add(ballot);
    expect(votes.elect(ballots, ballots.length)).toBe(elected);
  });

  test('that are taken back do not count', () => {
    const votes = new ProtocolVotes();
    const [first, second] = lists('ab', 'b') as [ReturnType<typeof named>[], ReturnType<typeof named>[]];
    votes.add(first);
    votes.add(second);
    votes.remove(second);
    expect([votes.supportersOf('a'), votes.supportersOf('b')]).toEqual([1, 1]);
    votes.remove(first);
    expect(votes.supportersOf('b')).toBe(0);
  });
});

describe('subscriptions', () => {
  test('are the topics of all', () => {
    expect(subscribedTopics([subscription('a', 'b'), subscription('b', 'c')])).toEqual(new Set(['a', 'b', 'c']));
    expect(subscribedTopics([])).toEqual(new Set());
  });

  test('of later versions begin as the first one', () => {
    const later = Uint8Array.from([0, 3, ...subscription('a').subarray(2), 0, 0, 0, 0, 1, 2, 3]);
    expect(subscribedTopics([later])).toEqual(new Set(['a']));
  });

  test.each([
    ['nothing', []],
    ['a negative version', [255, 255, 0, 0, 0, 0, 255, 255, 255, 255]],
    ['no topics', [0, 0, 255, 255, 255, 255, 255, 255, 255, 255]],
    ['more topics than bytes', [0, 0, 127, 255, 255, 255, 0, 0]],
    ['a name longer than the bytes', [0, 0, 0, 0, 0, 1, 127, 255, 65]],
    ['a name of negative length', [0, 0, 0, 0, 0, 1, 255, 255]],
    ['user data longer than the bytes', [0, 0, 0, 0, 0, 0, 0, 0, 0, 9]],
    ['no user data', [0, 0, 0, 0, 0, 0]],
  ])('of %s are not known', (_, bytes) => {
    expect(subscribedTopics([subscription('a'), Uint8Array.from(bytes)])).toBeUndefined();
  });
});

test('states follow one another as in Kafka', () => {
  const states: GroupState[] = ['Empty', 'PreparingRebalance', 'CompletingRebalance', 'Stable'];
  const pairs = states.flatMap(before =>
    states.filter(after => mayFollow(before, after)).map(after => [before, after]),
  );
  expect(pairs).toEqual([
    ['Empty', 'PreparingRebalance'],
    ['PreparingRebalance', 'Empty'],
    ['PreparingRebalance', 'CompletingRebalance'],
    ['CompletingRebalance', 'PreparingRebalance'],
    ['CompletingRebalance', 'Stable'],
    ['Stable', 'PreparingRebalance'],
  ]);
  expect(states.filter(canRebalance)).toEqual(['Empty', 'CompletingRebalance', 'Stable']);
});
