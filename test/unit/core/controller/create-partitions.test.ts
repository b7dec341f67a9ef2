import { expect, test } from 'vitest';
import { createPartitions } from '../../../../src/core/controller/create-partitions.ts';
import { createTopics } from '../../../../src/core/controller/create-topics.ts';
import { topicByName } from '../../../../src/core/metadata/image.ts';
import { cluster, rules, settings, topic } from '../../../support/metadata.ts';

function grow(count: number, assignments: number[][] | null = null, validateOnly = false) {
  const decisions = cluster(2);
  decisions.run(createTopics({ topics: [topic('t')], validateOnly: false }, settings, rules));
  const placed = assignments?.map(brokerIds => ({ brokerIds }));
  const [result] = decisions.run(
    createPartitions({ topics: [{ name: 't', count, assignments: placed ?? null }], validateOnly }),
  );
  return { result, partitions: topicByName(decisions.image, 't')!.partitions, delta: decisions.delta! };
}

test('new partitions come behind the old ones', () => {
  const { result, partitions, delta } = grow(5);
  expect(result).toEqual({ name: 't', error: 'NONE', message: null });
  expect(partitions.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
  expect(delta.topics.changed).toHaveLength(1);
  expect(delta.after.partitionCount).toBe(5);
});

test('they can be assigned', () => {
  const { result, partitions } = grow(5, [[2], [1]]);
  expect(result!.error).toBe('NONE');
  expect(partitions.slice(3).map(({ leader }) => leader)).toEqual([2, 1]);
});

test('validate only', () => {
  const { result, partitions } = grow(5, null, true);
  expect(result!.error).toBe('NONE');
  expect(partitions).toHaveLength(3);
});

test.each<[number, number[][] | null, string, string | RegExp]>([
  [3, null, 'INVALID_PARTITIONS', 'Topic already has 3 partition(s).'],
  [2, null, 'INVALID_PARTITIONS', 'The topic t currently has 3 partition(s); 2 would not be an increase.'],
  [5, [[1]], 'INVALID_REPLICA_ASSIGNMENT', /Attempted to add 2 additional partition\(s\), but only 1/],
  [4, [[]], 'INVALID_REPLICA_ASSIGNMENT', /empty replica list/],
  [4, [[9]], 'INVALID_REPLICA_ASSIGNMENT', /no such broker/],
  [4, [[1, 2]], 'INVALID_REPLICA_ASSIGNMENT', /not consistent/],
  [2_000_000_000, null, 'POLICY_VIOLATION', /excessively large/],
])('%s partitions on %j are refused', (count, assignments, error, message) => {
  const { result, partitions } = grow(count, assignments);
  expect(result!.error).toBe(error);
  expect(result!.message).toMatch(message);
  expect(partitions).toHaveLength(3);
});

test('unknown topics and duplicates', () => {
  const decisions = cluster();
  const ask = { name: 'x', count: 2, assignments: null };
  const run = (...topics: (typeof ask)[]) => decisions.run(createPartitions({ topics, validateOnly: false }));
  expect(run(ask)).toMatchObject([{ error: 'UNKNOWN_TOPIC_OR_PARTITION' }]);
  expect(run(ask, ask)).toMatchObject([{ error: 'INVALID_REQUEST', message: 'Duplicate topic name.' }]);
});
