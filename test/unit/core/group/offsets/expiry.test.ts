import { expect, test } from 'vitest';
import type { RetentionStart } from '../../../../../src/core/group/offsets/groups-view.ts';
import {
  checkIntervalMs,
  commit,
  commitAsk,
  type DrivenOffsets,
  drivenOffsets,
  minuteMs,
  offsetsOf,
  retentionMs,
} from '../../../../support/offsets.ts';

/** Up to the last look before the retention is over, and then past the first one after it. */
const almost = (driven: DrivenOffsets) => driven.advance(retentionMs - 1);
const after = (driven: DrivenOffsets) => driven.advance(checkIntervalMs + 1);

test("a simple group's offsets expire by their own commits, and with the last one the group", () => {
  const { driven, groups } = drivenOffsets();
  commit(driven, commitAsk('g', [{ offset: 1n }]));
  driven.advance(60 * minuteMs);
  commit(driven, commitAsk('g', [{ partition: 1, offset: 2n }]));
  driven.advance(retentionMs - 60 * minuteMs - 1);
  expect(offsetsOf(driven, 'g')).toEqual(['orders-0@1', 'orders-1@2']);
  after(driven);
  expect(offsetsOf(driven, 'g')).toEqual(['orders-1@2']);
  expect(groups.deleted).toEqual([]);
  driven.advance(60 * minuteMs);
  expect(offsetsOf(driven, 'g')).toEqual([]);
  expect(groups.deleted).toEqual(['g']);
});

test('an empty group keeps all of its offsets for the retention from when it became empty', () => {
  const { driven, groups } = drivenOffsets();
  commit(driven, commitAsk('g', [{ offset: 1n }]));
  groups.set('g', { start: { kind: 'empty', sinceMs: driven.nowMs + BigInt(retentionMs) } });
  almost(driven);
  after(driven);
  expect(offsetsOf(driven, 'g')).toEqual(['orders-0@1']);
  driven.advance(retentionMs);
  expect(offsetsOf(driven, 'g')).toEqual([]);
  expect(groups.deleted).toEqual(['g']);
});

test('a topic that live members read never expires, one they left does', () => {
  const { driven, groups } = drivenOffsets();
  groups.set('g', { subscribed: new Set(['orders']) });
  commit(driven, commitAsk('g', [{ offset: 1n }, { topic: 'left', offset: 1n }]));
  driven.advance(retentionMs * 3);
  expect(offsetsOf(driven, 'g')).toEqual(['orders-0@1']);
  expect(groups.deleted).toEqual([]);
});

test('nothing expires while the group says never', () => {
  const { driven, groups } = drivenOffsets();
  groups.set('g', { start: { kind: 'never' } });
  commit(driven, commitAsk('g', [{ offset: 1n }], { retentionTimeMs: 1n }));
  driven.advance(retentionMs * 3);
  expect(offsetsOf(driven, 'g')).toEqual(['orders-0@1']);
  expect(groups.deleted).toEqual([]);
});

test.each<RetentionStart>([{ kind: 'commit' }, { kind: 'empty', sinceMs: 0n }])(
  'a retention time of its own decides alone ($kind)',
  start => {
    const { driven, groups } = drivenOffsets();
    groups.set('g', { start });
    const longer = BigInt(retentionMs) * 2n;
    commit(driven, commitAsk('g', [{ offset: 1n }], { retentionTimeMs: BigInt(checkIntervalMs) * 2n }));
    commit(driven, commitAsk('g', [{ partition: 1, offset: 1n }], { retentionTimeMs: longer }));
    driven.advance(checkIntervalMs * 2 - 1);
    expect(offsetsOf(driven, 'g')).toEqual(['orders-0@1', 'orders-1@1']);
    driven.advance(1);
    expect(offsetsOf(driven, 'g')).toEqual(['orders-1@1']);
    driven.advance(retentionMs * 2);
    expect(offsetsOf(driven, 'g')).toEqual([]);
  },
);

test('a group without offsets goes at the next look', () => {
  const { driven, groups } = drivenOffsets();
  groups.set('empty');
  driven.advance(checkIntervalMs + 1);
  expect(groups.deleted).toEqual(['empty']);
});

/** Runs `then` after each turn that writes something, which `then` itself does not. */
function afterWrites(driven: DrivenOffsets, then: (records: number) => void): void {
  const { turn } = driven;
  let inside = false;
  driven.turn = run => {
    const before = driven.log.length;
    turn.call(driven, run);
    if (inside || driven.log.length === before) return;
    inside = true;
    then(driven.log.length - before);
    inside = false;
  };
}

test('a commit right after the expiry of the last offset saves the group', () => {
  const { driven, groups } = drivenOffsets();
  commit(driven, commitAsk('g', [{ offset: 1n }]));
  commit(driven, commitAsk('h', [{ offset: 1n }]));
  afterWrites(driven, () => {
    expect(offsetsOf(driven, 'g')).toEqual([]);
    commit(driven, commitAsk('g', [{ offset: 2n }]));
  });
  driven.advance(retentionMs + checkIntervalMs);
  expect(groups.deleted).toEqual(['h']);
  expect(offsetsOf(driven, 'g')).toEqual(['orders-0@2']);
});

test('an expiry that is lost comes again', () => {
  const { driven, groups } = drivenOffsets();
  commit(driven, commitAsk('g', [{ offset: 1n }]));
  driven.held = true;
  almost(driven);
  driven.commit();
  after(driven);
  driven.lose('COORDINATOR_NOT_AVAILABLE');
  // Membership takes back the end of its group by itself; these groups do not.
  groups.set('g');
  expect(offsetsOf(driven, 'g')).toEqual(['orders-0@1']);
  driven.held = false;
  driven.advance(checkIntervalMs);
  expect(offsetsOf(driven, 'g')).toEqual([]);
  expect(groups.deleted).toContain('g');
});

test('many expired offsets go in more turns than one, of which none is large', () => {
  const { driven, groups } = drivenOffsets();
  const all = [...Array(30).keys()].map(partition => ({ partition, offset: 1n }));
  const names = ['g', 'h'].map(letter => letter.repeat(4000));
  for (const name of names) commit(driven, commitAsk(name, all));
  const turns: number[] = [];
  afterWrites(driven, records => turns.push(records));
  driven.advance(retentionMs + checkIntervalMs);
  for (const name of names) expect(offsetsOf(driven, name)).toEqual([]);
  expect(groups.deleted).toEqual(names);
  expect(turns.reduce((sum, records) => sum + records)).toBe(60);
  expect(Math.max(...turns)).toBeLessThan(12);
});
