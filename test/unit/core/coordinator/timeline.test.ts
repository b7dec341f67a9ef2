import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Timeline, TimelineMap } from '../../../../src/core/coordinator/timeline.ts';

interface Record {
  readonly key: string;
  /** Undefined removes the key. */
  readonly value: number | undefined;
}

/** The model: all records, and how many of them are committed; every state is a replay from the start. */
class Model {
  records: Record[] = [];
  committed = 0;

  state(upTo: number): Map<string, number> {
    const state = new Map<string, number>();
    for (const { key, value } of this.records.slice(0, upTo)) {
      if (value === undefined) state.delete(key);
      else state.set(key, value);
    }
    return state;
  }
}

class Real {
  readonly timeline = new Timeline();
  readonly maps = [new TimelineMap<string, number>(this.timeline), new TimelineMap<string, number>(this.timeline)];

  mapOf(key: string): TimelineMap<string, number> {
    return this.maps[key < 'c' ? 0 : 1]!;
  }

  apply({ key, value }: Record, offset: bigint | undefined): void {
    this.timeline.at(offset);
    if (value === undefined) this.mapOf(key).delete(key);
    else this.mapOf(key).set(key, value);
    if (offset !== undefined) this.timeline.seal();
  }
}

const sorted = (entries: Iterable<readonly [string, number]>) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));

function check(model: Model, real: Real): void {
  const now = model.state(model.records.length);
  const committed = model.state(model.committed);
  expect(sorted(real.maps.flatMap(map => [...map.entries()]))).toEqual(sorted(now));
  expect(sorted(real.maps.flatMap(map => [...map.committedEntries()]))).toEqual(sorted(committed));
  expect(real.maps[0]!.size + real.maps[1]!.size).toBe(now.size);
  for (const key of ['a', 'b', 'c', 'd']) {
    expect(real.mapOf(key).get(key)).toBe(now.get(key));
    expect(real.mapOf(key).has(key)).toBe(now.has(key));
    expect(real.mapOf(key).committed(key)).toBe(committed.get(key));
  }
  if (model.committed === model.records.length) expect(real.timeline.uncommitted).toBe(0);
}

const record = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'd'),
  value: fc.option(fc.nat(9), { nil: undefined }),
});
const step = fc.oneof(
  { weight: 5, arbitrary: record.map(replayed => ({ type: 'replay' as const, replayed })) },
  { weight: 2, arbitrary: fc.nat(6).map(by => ({ type: 'commit' as const, by })) },
  { weight: 2, arbitrary: fc.nat(6).map(by => ({ type: 'revert' as const, by })) },
);

test('committed and uncommitted state follow a replay of the log', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 10 }), fc.array(step, { maxLength: 60 }), (loaded, steps) => {
      const model = new Model();
      const real = new Real();
      for (const each of loaded) real.apply(each, undefined);
      model.records = [...loaded];
      model.committed = loaded.length;
      check(model, real);
      for (const each of steps) {
        const uncommitted = model.records.length - model.committed;
        if (each.type === 'replay') {
          real.apply(each.replayed, BigInt(model.records.length));
          model.records.push(each.replayed);
        } else if (each.type === 'commit') {
          model.committed += Math.min(each.by, uncommitted);
          real.timeline.commit(BigInt(model.committed));
        } else {
          model.records.splice(model.records.length - Math.min(each.by, uncommitted));
          real.timeline.revert(BigInt(model.records.length));
        }
        check(model, real);
      }
    }),
  );
});

test('a sealed timeline takes no change', () => {
  const timeline = new Timeline();
  const map = new TimelineMap<string, number>(timeline);
  map.set('a', 1);
  timeline.seal();
  expect(() => map.set('a', 2)).toThrow('by replay only');
  expect(() => map.delete('a')).toThrow('by replay only');
  timeline.at(7n);
  map.set('a', 3);
  expect(() => timeline.at(6n)).toThrow('only goes forward');
  expect(() => timeline.at(undefined)).toThrow('over what is not committed');
  timeline.revert(7n);
  expect(map.get('a')).toBe(1);
  expect(() => map.set('a', 4)).toThrow('by replay only');
});

test('a key that changed a thousand times is taken back at once', () => {
  const timeline = new Timeline();
  const map = new TimelineMap<string, number>(timeline);
  for (let offset = 0; offset < 1_000; offset++) {
    timeline.at(BigInt(offset));
    map.set('a', offset);
  }
  timeline.commit(400n);
  expect(map.committed('a')).toBe(399);
  timeline.revert(600n);
  expect([map.get('a'), map.committed('a'), timeline.uncommitted]).toEqual([599, 399, 200]);
  timeline.revert(400n);
  expect([map.get('a'), map.committed('a'), timeline.uncommitted]).toEqual([399, 399, 0]);
});
