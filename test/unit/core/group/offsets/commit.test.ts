import { expect, test } from 'vitest';
import type { Uuid } from '../../../../../src/base/uuid.ts';
import { zeroUuid } from '../../../../../src/base/uuid.ts';
import { commit, commitAsk, drivenOffsets, fetchAsk, offsetsOf, settings } from '../../../../support/offsets.ts';

const topicId = 'c1Vn0jVxRUixPbcuD3bcgw' as Uuid;
const otherId = 'AAAAAAAAAAAAAAAAAAAAKg' as Uuid;

test('a simple consumer makes its group by committing to it', () => {
  const { driven, groups } = drivenOffsets();
  const reply = commit(driven, commitAsk('simple', [{ offset: 7n, leaderEpoch: 3, metadata: 'here' }])).answer;
  expect(reply.errors).toEqual(['NONE']);
  expect([...groups.groups.keys()]).toEqual(['simple']);
  expect(driven.machine.offsets.fetch(fetchAsk('simple')).partitions).toEqual([
    { topic: 'orders', partition: 0, offset: 7n, leaderEpoch: 3, metadata: 'here', error: 'NONE' },
  ]);
});

test('a member of a group that is not there commits nothing', () => {
  const { driven } = drivenOffsets();
  const ask = commitAsk('gone', [{}, { partition: 1 }], { generationId: 0, memberId: 'm' });
  expect(commit(driven, ask).answer.errors).toEqual(['GROUP_ID_NOT_FOUND', 'GROUP_ID_NOT_FOUND']);
  expect(driven.log).toEqual([]);
});

test('what the group refuses is told for each partition, and nothing is stored', () => {
  const { driven, groups } = drivenOffsets();
  groups.set('g', { commitError: 'ILLEGAL_GENERATION' });
  expect(commit(driven, commitAsk('g', [{}, { partition: 1 }])).answer.errors).toEqual([
    'ILLEGAL_GENERATION',
    'ILLEGAL_GENERATION',
  ]);
  expect(driven.log).toEqual([]);
});

test('metadata that is too large fails its own partition alone', () => {
  const { driven } = drivenOffsets();
  const longest = 'é'.repeat(settings.offsetMetadataMaxBytes);
  const { errors } = commit(
    driven,
    commitAsk('g', [
      { metadata: `${longest}x` },
      { partition: 1, metadata: longest },
      { partition: 2, metadata: null },
    ]),
  ).answer;
  expect(errors).toEqual(['OFFSET_METADATA_TOO_LARGE', 'NONE', 'NONE']);
  expect(offsetsOf(driven, 'g')).toEqual(['orders-1@0', 'orders-2@0']);
});

test('records are version 4 with the topic id', () => {
  const { driven } = drivenOffsets();
  commit(driven, commitAsk('g', [{ topicId, offset: 5n, leaderEpoch: 2, metadata: 'm' }]));
  expect(driven.records).toEqual([
    {
      type: 'offsetCommit',
      key: { group: 'g', topic: 'orders', partition: 0 },
      value: {
        version: 4,
        data: {
          offset: 5n,
          leaderEpoch: 2,
          metadata: 'm',
          commitTimestamp: driven.nowMs,
          expireTimestamp: -1n,
          topicId,
        },
      },
    },
  ]);
});

test('with a retention time of its own a record is version 1 and says when it expires', () => {
  const { driven } = drivenOffsets();
  commit(driven, commitAsk('g', [{ topicId, offset: 5n, leaderEpoch: 2 }], { retentionTimeMs: 1000n }));
  const { nowMs } = driven;
  expect(driven.records[0]!.value).toEqual({
    version: 1,
    data: {
      offset: 5n,
      leaderEpoch: -1,
      metadata: '',
      commitTimestamp: nowMs,
      expireTimestamp: nowMs + 1000n,
      topicId: zeroUuid,
    },
  });
});

test('a retention time of all the time there is wraps instead of failing', () => {
  const { driven } = drivenOffsets();
  const ask = commitAsk('g', [{}], { retentionTimeMs: 2n ** 63n - 1n });
  expect(commit(driven, ask).answer.errors).toEqual(['NONE']);
  expect(driven.log).toHaveLength(1);
});

test('an uncommitted commit is seen by no reader but one that waits for it', () => {
  const { driven } = drivenOffsets();
  commit(driven, commitAsk('g', [{ offset: 1n }]));
  driven.held = true;
  commit(driven, commitAsk('g', [{ offset: 2n }, { partition: 1, offset: 2n }]));
  expect(offsetsOf(driven, 'g')).toEqual(['orders-0@1']);
  expect(offsetsOf(driven, 'g', true)).toEqual(['orders-0@2', 'orders-1@2']);
  driven.commit();
  expect(offsetsOf(driven, 'g')).toEqual(['orders-0@2', 'orders-1@2']);
});

test('a lost commit leaves what was there before', () => {
  const { driven } = drivenOffsets();
  commit(driven, commitAsk('g', [{ offset: 1n }]));
  driven.held = true;
  const lost = commit(driven, commitAsk('g', [{ offset: 2n }, { partition: 1, offset: 2n }]));
  driven.lose('COORDINATOR_NOT_AVAILABLE');
  expect(lost.refused).toBe('COORDINATOR_NOT_AVAILABLE');
  expect(offsetsOf(driven, 'g', true)).toEqual(['orders-0@1']);
});

test('what was asked for comes back in that order, -1 where there is none', () => {
  const { driven } = drivenOffsets();
  commit(driven, commitAsk('g', [{ offset: 1n, partition: 4 }]));
  const wanted = [
    { topic: 'other', topicId: zeroUuid, partition: 4 },
    { topic: 'orders', topicId: zeroUuid, partition: 4 },
    { topic: 'orders', topicId: zeroUuid, partition: 5 },
  ];
  const none = { offset: -1n, leaderEpoch: -1, metadata: '', error: 'NONE' };
  expect(driven.machine.offsets.fetch(fetchAsk('g', { partitions: wanted })).partitions).toEqual([
    { ...none, topic: 'other', partition: 4 },
    { ...none, topic: 'orders', partition: 4, offset: 1n },
    { ...none, topic: 'orders', partition: 5 },
  ]);
  expect(driven.machine.offsets.fetch(fetchAsk('nobody')).partitions).toEqual([]);
});

test('an offset of an earlier topic of that name does not count for who asks by id', () => {
  const { driven } = drivenOffsets();
  commit(
    driven,
    commitAsk('g', [
      { topicId, offset: 1n },
      { partition: 1, offset: 2n },
    ]),
  );
  const fetched = (id: Uuid) => {
    const partitions = [0, 1].map(partition => ({ topic: 'orders', topicId: id, partition }));
    return driven.machine.offsets.fetch(fetchAsk('g', { partitions })).partitions.map(({ offset }) => offset);
  };
  expect(fetched(topicId)).toEqual([1n, 2n]);
  expect(fetched(otherId)).toEqual([-1n, 2n]);
  expect(fetched(zeroUuid)).toEqual([1n, 2n]);
});

test('loading finds the last value of each partition', () => {
  const { driven } = drivenOffsets();
  for (let offset = 0n; offset < 300n; offset++) {
    const partition = Number(offset % 100n);
    commit(driven, commitAsk(`g${offset % 7n}`, [{ partition, offset, metadata: offset % 3n === 0n ? 'm' : '' }]));
  }
  const before = [...Array(7).keys()].map(i => driven.machine.offsets.fetch(fetchAsk(`g${i}`)));
  driven.reload();
  expect([...Array(7).keys()].map(i => driven.machine.offsets.fetch(fetchAsk(`g${i}`)))).toEqual(before);
});
