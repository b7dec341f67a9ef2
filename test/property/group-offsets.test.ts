// Offsets over a timeline, against maps that are copied: whatever is put, removed, committed and taken back, in whatever
// order, both readings show what the model holds, and nothing of what was forgotten stays allocated.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Uuid } from '../../src/base/uuid.ts';
import { zeroUuid } from '../../src/base/uuid.ts';
import { Timeline } from '../../src/core/coordinator/timeline.ts';
import { OffsetTable, type Reading } from '../../src/core/group/offsets/table.ts';

type Step =
  | { kind: 'put'; group: string; topic: string; partition: number; metadata: string; topicId: Uuid; expires: boolean }
  | { kind: 'remove'; group: string; topic: string; partition: number }
  | { kind: 'commit'; share: number }
  | { kind: 'revert'; share: number };

const place = {
  group: fc.constantFrom('g', 'g', 'g', ''),
  topic: fc.constantFrom('a', 'a', 'b'),
  partition: fc.constantFrom(0, 2 ** 31 - 1),
};
const share = fc.double({ min: 0, max: 1, noNaN: true });
const put = fc.record({
  kind: fc.constant('put' as const),
  ...place,
  metadata: fc.constantFrom('', 'm', 'n'),
  topicId: fc.constantFrom(zeroUuid, 'c1Vn0jVxRUixPbcuD3bcgw' as Uuid),
  expires: fc.boolean(),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: put },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('remove' as const), ...place }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('commit' as const), share }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('revert' as const), share }) },
);

type Model = ReadonlyMap<string, string>;

/** States by how much of the log they hold: the first is what is committed, the last is current. */
class Histories {
  states: { end: bigint; state: Model }[] = [{ end: 0n, state: new Map() }];

  get current(): Model {
    return this.states.at(-1)!.state;
  }

  get committed(): Model {
    return this.states[0]!.state;
  }

  push(end: bigint, change: (state: Map<string, string>) => void): void {
    const state = new Map(this.current);
    change(state);
    this.states.push({ end, state });
  }
}

const sorted = (entries: Iterable<string>): string[] => [...entries].sort();

function contents(table: OffsetTable, reading: Reading): string[] {
  const found: string[] = [];
  for (const group of table.groupIds()) {
    for (const topic of table.topics(group)) {
      for (const [partition, slot] of table.partitions(group, topic, reading)) {
        expect(table.find(group, topic, partition, reading)).toBe(slot);
        const { columns } = table;
        const fields = [columns.offset(slot), columns.metadataOf(slot), columns.topicId(slot)];
        found.push([group, topic, partition, ...fields, columns.expireTimestamp(slot)].join(' '));
      }
    }
  }
  return sorted(found);
}

function check(table: OffsetTable, histories: Histories): void {
  expect(contents(table, 'current')).toEqual(sorted(histories.current.values()));
  expect(contents(table, 'committed')).toEqual(sorted(histories.committed.values()));
  for (const group of ['g', '']) {
    const live = [...histories.current.keys()].filter(key => key.startsWith(`${group} `)).length;
    expect(table.count(group)).toBe(live);
  }
}

function runs(steps: readonly Step[], loading: number): void {
  const timeline = new Timeline();
  const table = new OffsetTable(timeline);
  const histories = new Histories();
  let end = 0n;
  for (const [i, each] of steps.entries()) {
    const live = i >= loading;
    if (each.kind === 'commit' || each.kind === 'revert') {
      if (!live) continue;
      const { states } = histories;
      const at = Math.min(Math.floor(each.share * states.length), states.length - 1);
      const offset = states[at]!.end;
      if (each.kind === 'commit') {
        timeline.commit(offset);
        histories.states = states.slice(at);
      } else {
        timeline.revert(offset);
        histories.states = states.slice(0, at + 1);
        end = offset;
      }
    } else {
      timeline.at(live ? end : undefined);
      const { group, topic, partition } = each;
      const key = `${group} ${topic} ${partition}`;
      const before = histories.current.has(key);
      if (each.kind === 'put') {
        const { metadata, topicId } = each;
        const expireTimestamp = each.expires ? end : -1n;
        const only = ![...histories.current.keys()].some(other => other.startsWith(`${group} `));
        const value = { offset: end, leaderEpoch: -1, metadata, commitTimestamp: 0n, expireTimestamp, topicId };
        expect(table.put(group, topic, partition, value, end)).toBe(only && !before);
        end++;
        histories.push(end, state => state.set(key, [key, value.offset, metadata, topicId, expireTimestamp].join(' ')));
      } else {
        table.remove(group, topic, partition);
        end++;
        histories.push(end, state => state.delete(key));
      }
      if (!live) histories.states = histories.states.slice(-1);
    }
    check(table, histories);
  }
  timeline.commit(end);
  expect(table.columns.size).toBe(histories.current.size);
}

test('a table of offsets is what its log says, for both readings and back again', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat(20), (steps, loading) => runs(steps, loading)),
    { numRuns: 300 },
  );
});
