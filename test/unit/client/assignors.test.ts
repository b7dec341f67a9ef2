import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Assignor, AssignorMember } from '../../../src/client/assignors/assignor.ts';
import { assignors } from '../../../src/client/assignors/assignors.ts';
import { sticky } from '../../../src/client/assignors/sticky.ts';
import { spell, type TopicPartition } from '../../../src/client/partition-map.ts';

const member = (memberId: string, topics: readonly string[], instanceId: string | null = null): AssignorMember => ({
  memberId,
  instanceId,
  topics,
  userData: null,
});

const shares = (assignor: Assignor, members: readonly AssignorMember[], counts: Readonly<Record<string, number>>) =>
  Object.fromEntries(
    [...assignor.assign(members, new Map(Object.entries(counts)))].map(([id, share]) => [id, share.map(spell)]),
  );

// The examples of KIP-54 and of the Java client's documentation of its assignors.
test('range gives runs of neighbours, topic by topic', () => {
  const members = [member('c1', ['t0', 't1']), member('c0', ['t0', 't1'])];
  expect(shares(assignors.range!, members, { t0: 3, t1: 3 })).toEqual({
    c0: ['t0-0', 't0-1', 't1-0', 't1-1'],
    c1: ['t0-2', 't1-2'],
  });
});

test('round robin deals all partitions out in turn', () => {
  const members = [member('c0', ['t0', 't1']), member('c1', ['t0', 't1'])];
  expect(shares(assignors.roundrobin!, members, { t0: 3, t1: 3 })).toEqual({
    c0: ['t0-0', 't0-2', 't1-1'],
    c1: ['t0-1', 't1-0', 't1-2'],
  });
});

test('round robin passes over who does not subscribe', () => {
  const members = [member('c0', ['t0']), member('c1', ['t0', 't1']), member('c2', ['t0', 't1', 't2'])];
  expect(shares(assignors.roundrobin!, members, { t0: 1, t1: 2, t2: 3 })).toEqual({
    c0: ['t0-0'],
    c1: ['t1-0'],
    c2: ['t1-1', 't2-0', 't2-1', 't2-2'],
  });
});

test('static members keep their place whatever their member ids are', () => {
  const first = [member('x', ['t'], 'i1'), member('y', ['t'], 'i2'), member('a', ['t'])];
  const later = [member('z', ['t'], 'i1'), member('b', ['t'], 'i2'), member('c', ['t'])];
  for (const name of ['range', 'roundrobin']) {
    const before = Object.values(shares(assignors[name]!, first, { t: 6 })).map(each => each.join());
    const after = Object.values(shares(assignors[name]!, later, { t: 6 })).map(each => each.join());
    expect(after.sort()).toEqual(before.sort());
    expect(shares(assignors[name]!, later, { t: 6 }).z).toEqual(shares(assignors[name]!, first, { t: 6 }).x);
  }
});

const topicNames = ['a', 'b', 'c', 'missing'];
const groups = fc.record({
  members: fc
    .uniqueArray(fc.record({ id: fc.nat(99), topics: fc.subarray(topicNames, { minLength: 1 }) }), {
      selector: each => each.id,
      minLength: 1,
      maxLength: 8,
    })
    .map(each => each.map(({ id, topics }) => member(`m${id}`, topics))),
  counts: fc.record({ a: fc.nat(9), b: fc.nat(9), c: fc.nat(9) }),
});

describe.each(Object.entries(assignors))('%s', (_, assignor) => {
  test('gives every partition of a subscribed topic to one subscriber, and every member an entry', () => {
    fc.assert(
      fc.property(groups, ({ members, counts }) => {
        const found = assignor.assign(members, new Map(Object.entries(counts)));
        expect([...found.keys()].sort()).toEqual(members.map(({ memberId }) => memberId).sort());
        const given = [...found].flatMap(([id, share]) => share.map(at => ({ id, ...at })));
        for (const { id, topic } of given) expect(members.find(m => m.memberId === id)!.topics).toContain(topic);
        const wanted = Object.entries(counts).flatMap(([topic, count]) =>
          members.some(m => m.topics.includes(topic)) ? Array.from({ length: count }, (__, p) => `${topic}-${p}`) : [],
        );
        expect(given.map(spell).sort()).toEqual(wanted.sort());
      }),
    );
  });

  test('does not depend on the order of the members', () => {
    fc.assert(
      fc.property(groups, ({ members, counts }) => {
        const there = shares(assignor, members, counts);
        const back = shares(assignor, [...members].reverse(), counts);
        expect(back).toEqual(there);
      }),
    );
  });
});

test('equal subscriptions come out even', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(20), fc.nat(20), (size, a, b) => {
      const members = Array.from({ length: size }, (_, i) => member(`m${i}`, ['a', 'b']));
      for (const name of ['roundrobin', 'sticky']) {
        const sizes = Object.values(shares(assignors[name]!, members, { a, b })).map(each => each.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }
    }),
  );
});

const remembering = (
  members: readonly AssignorMember[],
  owned: ReadonlyMap<string, readonly TopicPartition[]>,
  generation: number,
): AssignorMember[] =>
  members.map(each => ({ ...each, userData: sticky.userData!(owned.get(each.memberId) ?? [], generation) }));

test('sticky: nobody has two more than one who could take them', () => {
  fc.assert(
    fc.property(groups, groups, ({ members, counts }, before) => {
      const owned = sticky.assign(before.members, new Map(Object.entries(before.counts)));
      const found = sticky.assign(remembering(members, owned, 1), new Map(Object.entries(counts)));
      for (const [id, share] of found) {
        for (const { topic } of share) {
          for (const other of members.filter(m => m.topics.includes(topic) && m.memberId !== id)) {
            expect(share.length - found.get(other.memberId)!.length).toBeLessThanOrEqual(1);
          }
        }
      }
    }),
  );
});

test('sticky: when nothing changes, nothing moves; when a member goes, the others keep what they had', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 9 }), fc.nat(30), (size, count) => {
      const members = Array.from({ length: size }, (_, i) => member(`m${i}`, ['a']));
      const counts = new Map([['a', count]]);
      const first = sticky.assign(members, counts);
      expect(sticky.assign(remembering(members, first, 1), counts)).toEqual(first);
      const left = members.slice(1);
      const second = sticky.assign(remembering(left, first, 1), counts);
      for (const { memberId } of left) {
        expect(second.get(memberId)!.map(spell)).toEqual(expect.arrayContaining(first.get(memberId)!.map(spell)));
      }
    }),
  );
});

test('sticky: of two who claim a partition the newer generation has it, and rubbish claims nothing', () => {
  const at = [{ topic: 'a', partition: 0 }];
  const claiming = (id: string, generation: number) => ({
    ...member(id, ['a', 'b']),
    userData: sticky.userData!(at, generation),
  });
  const counts = { a: 1 };
  expect(shares(sticky, [claiming('x', 3), claiming('y', 4)], counts)).toEqual({ x: [], y: ['a-0'] });
  expect(shares(sticky, [claiming('x', 4), claiming('y', 3)], counts)).toEqual({ x: ['a-0'], y: [] });
  const rubbish = { ...member('m', ['a']), userData: Uint8Array.of(0xff, 1, 2) };
  expect(shares(sticky, [rubbish], counts)).toEqual({ m: ['a-0'] });
});
