import { expect, test } from 'vitest';
import type { Uuid } from '../../../../../src/base/uuid.ts';
import type { OffsetDeleteReply } from '../../../../../src/core/group/asks.ts';
import { commit, commitAsk, type DrivenOffsets, drivenOffsets, offsetsOf } from '../../../../support/offsets.ts';

function remove(driven: DrivenOffsets, groupId: string, ...names: string[]) {
  const partitions = names.map(name => ({ topic: name.split('-')[0]!, partition: Number(name.split('-')[1]) }));
  return driven.ask<OffsetDeleteReply>((machine, turn, slot) =>
    machine.offsets.delete(turn, slot, { groupId, partitions }),
  );
}

test('deletes what is there, and says the same of what is not', () => {
  const { driven } = drivenOffsets();
  commit(driven, commitAsk('g', [{ offset: 1n }, { partition: 1, offset: 1n }]));
  expect(remove(driven, 'g', 'orders-0', 'orders-9', 'other-0').answer).toEqual({
    error: 'NONE',
    errors: ['NONE', 'NONE', 'NONE'],
  });
  expect(driven.log).toHaveLength(3);
  expect(offsetsOf(driven, 'g')).toEqual(['orders-1@1']);
  expect(driven.machine.offsets.hasOffsets('g')).toBe(true);
  remove(driven, 'g', 'orders-1');
  expect(driven.machine.offsets.hasOffsets('g')).toBe(false);
});

test('not what a member has subscribed to', () => {
  const { driven, groups } = drivenOffsets();
  groups.set('g', { subscribed: new Set(['orders']) });
  commit(driven, commitAsk('g', [{ offset: 1n }, { topic: 'other', offset: 1n }]));
  expect(remove(driven, 'g', 'orders-0', 'other-0').answer.errors).toEqual(['GROUP_SUBSCRIBED_TO_TOPIC', 'NONE']);
  expect(offsetsOf(driven, 'g')).toEqual(['orders-0@1']);
});

test.each(['GROUP_ID_NOT_FOUND', 'NON_EMPTY_GROUP'] as const)('not when the group says %s', error => {
  const { driven, groups } = drivenOffsets();
  groups.set('g', { deleteError: error });
  commit(driven, commitAsk('g', [{ offset: 1n }]));
  expect(remove(driven, 'g', 'orders-0').answer).toEqual({ error, errors: [] });
  expect(offsetsOf(driven, 'g')).toEqual(['orders-0@1']);
});

test('a deletion that is lost has not happened, and one that is not committed is not seen', () => {
  const { driven } = drivenOffsets();
  commit(driven, commitAsk('g', [{ offset: 1n }]));
  driven.held = true;
  remove(driven, 'g', 'orders-0');
  expect(offsetsOf(driven, 'g')).toEqual(['orders-0@1']);
  expect(offsetsOf(driven, 'g', true)).toEqual([]);
  expect(driven.machine.offsets.hasOffsets('g')).toBe(false);
  driven.lose('NOT_COORDINATOR');
  expect(offsetsOf(driven, 'g', true)).toEqual(['orders-0@1']);
  expect(driven.machine.offsets.hasOffsets('g')).toBe(true);
});

test('a group that is deleted loses everything', () => {
  const { driven } = drivenOffsets();
  commit(driven, commitAsk('g', [{ offset: 1n }, { topic: 'other', offset: 1n }, { partition: 5, offset: 1n }]));
  commit(driven, commitAsk('h', [{ offset: 2n }]));
  driven.turn(turn => driven.machine.offsets.deleteAll(turn, 'g'));
  expect(offsetsOf(driven, 'g')).toEqual([]);
  expect(offsetsOf(driven, 'h')).toEqual(['orders-0@2']);
  driven.reload();
  expect(offsetsOf(driven, 'g')).toEqual([]);
});

test('deleted topics take their offsets along, those of a topic of the same name do not', () => {
  const { driven } = drivenOffsets();
  const id = 'c1Vn0jVxRUixPbcuD3bcgw' as Uuid;
  const successor = 'AAAAAAAAAAAAAAAAAAAAKg' as Uuid;
  const partitions = [
    { offset: 1n, topicId: id },
    { partition: 1, offset: 2n, topicId: successor },
    { partition: 2, offset: 3n },
    { topic: 'other', offset: 4n, topicId: id },
  ];
  commit(driven, commitAsk('g', partitions));
  commit(driven, commitAsk('h', partitions));
  driven.turn(turn => driven.machine.offsets.topicsDeleted(turn, [{ id, name: 'orders' }]));
  driven.advance(100);
  for (const group of ['g', 'h']) expect(offsetsOf(driven, group)).toEqual(['orders-1@2', 'other-0@4']);
});

test('many offsets of a deleted topic go in more turns than one', () => {
  const { driven } = drivenOffsets();
  const id = 'c1Vn0jVxRUixPbcuD3bcgw' as Uuid;
  const group = 'g'.repeat(4000);
  const all = [...Array(30).keys()].map(partition => ({ partition, topicId: id, offset: 1n }));
  commit(driven, commitAsk(group, all));
  driven.turn(turn => driven.machine.offsets.topicsDeleted(turn, [{ id, name: 'orders' }]));
  expect(offsetsOf(driven, group).length).toBeGreaterThan(15);
  driven.advance(100);
  expect(offsetsOf(driven, group)).toEqual([]);
});
