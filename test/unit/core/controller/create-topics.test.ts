import { expect, test } from 'vitest';
import { isRefusal } from '../../../../src/base/result.ts';
import { zeroUuid } from '../../../../src/base/uuid.ts';
import { createTopics } from '../../../../src/core/controller/create-topics.ts';
import { topicByName, topicConfigs } from '../../../../src/core/metadata/image.ts';
import { cluster, directoryOf, rules, settings, topic } from '../../../support/metadata.ts';

type Topic = ReturnType<typeof topic>;

const create = (...topics: Topic[]) => createTopics({ topics, validateOnly: false }, settings, rules);

/** The one refusal of a request for one topic, on a cluster that has `a.b`. */
function refusal(asked: Topic, brokers = 1) {
  const decisions = cluster(brokers);
  decisions.run(create(topic('a.b')));
  const before = decisions.image;
  const [result] = decisions.run(create(asked));
  expect(decisions.image.topicsById.size).toBe(before.topicsById.size);
  expect(result!.topicId).toBe(zeroUuid);
  return [result!.error, result!.message];
}

test('a topic has the broker as leader of its default partitions, in the broker’s directory', () => {
  const decisions = cluster();
  const [result] = decisions.run(create(topic('t', { configs: [{ name: 'retention.ms', value: '5' }] })));
  expect(result).toMatchObject({ error: 'NONE', message: null, numPartitions: 3, replicationFactor: 1 });
  const made = topicByName(decisions.image, 't')!;
  expect(made.id).toBe(result!.topicId);
  expect(made.partitions.map(({ index }) => index)).toEqual([0, 1, 2]);
  for (const partition of made.partitions) {
    expect(partition).toMatchObject({ leader: 1, leaderEpoch: 0, partitionEpoch: 0, replicas: [1], isr: [1] });
    expect(partition.directories).toEqual([directoryOf(1)]);
  }
  expect(topicConfigs(decisions.image, 't')).toEqual(new Map([['retention.ms', '5']]));
  expect(decisions.image.partitionCount).toBe(3);
  expect(decisions.delta!.topics.created).toEqual([made]);
});

test('records are in Kafka’s order: topic, configs, partitions', () => {
  const decided = cluster().decided(create(topic('t', { configs: [{ name: 'retention.ms', value: '5' }] })));
  if (isRefusal(decided)) throw new Error(decided.message);
  expect(decided.records.map(({ type }) => type)).toEqual(['topic', 'config', 'partition', 'partition', 'partition']);
});

test('one bad topic does not keep the others from being created', () => {
  const decisions = cluster();
  const results = decisions.run(create(topic('good'), topic('bad!'), topic('fine')));
  expect(results.map(({ name, error }) => [name, error])).toEqual([
    ['good', 'NONE'],
    ['bad!', 'INVALID_TOPIC_EXCEPTION'],
    ['fine', 'NONE'],
  ]);
  expect([...decisions.image.topicIdsByName.keys()].sort()).toEqual(['fine', 'good']);
});

test('a name that comes twice fails once and creates nothing', () => {
  const decisions = cluster();
  const results = decisions.run(create(topic('t'), topic('t'), topic('t')));
  expect(results).toMatchObject([{ name: 't', error: 'INVALID_REQUEST', message: 'Duplicate topic name.' }]);
  expect(decisions.image.topicsById.size).toBe(0);
});

test('validate only answers like the real thing and writes nothing', () => {
  const decisions = cluster();
  const [result] = decisions.run(createTopics({ topics: [topic('t')], validateOnly: true }, settings, rules));
  expect(result).toMatchObject({ error: 'NONE', numPartitions: 3 });
  expect(decisions.image.topicsById.size).toBe(0);
});

test('an uncommitted topic of a decision before is seen', () => {
  const decisions = cluster();
  decisions.run(create(topic('t')));
  expect(decisions.run(create(topic('t')))).toMatchObject([{ error: 'TOPIC_ALREADY_EXISTS' }]);
});

test.each([
  ['', 'Topic name is invalid: the empty string is not allowed'],
  ['.', "Topic name is invalid: '.' is not allowed"],
  ['..', "Topic name is invalid: '..' is not allowed"],
  [
    'x'.repeat(250),
    `Topic name is invalid: the length of '${'x'.repeat(250)}' is longer than the max allowed length 249`,
  ],
  ['é', "Topic name is invalid: 'é' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"],
  [
    'a/b',
    "Topic name is invalid: 'a/b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
  ],
  ['a_b', "Topic 'a_b' collides with existing topic: a.b"],
])('the name %j is refused', (name, message) => {
  expect(refusal(topic(name))).toEqual(['INVALID_TOPIC_EXCEPTION', message]);
});

test('249 characters are a name, and a.b collides no longer once it is gone', () => {
  const decisions = cluster();
  expect(decisions.run(create(topic('x'.repeat(249))))).toMatchObject([{ error: 'NONE' }]);
});

test.each<[string, Topic, string]>([
  ['existing', topic('a.b'), 'TOPIC_ALREADY_EXISTS'],
  ['the metadata log', topic('__cluster_metadata'), 'INVALID_REQUEST'],
  ['no partitions', topic('t', { numPartitions: 0 }), 'INVALID_PARTITIONS'],
  ['negative partitions', topic('t', { numPartitions: -2 }), 'INVALID_PARTITIONS'],
  ['no replicas', topic('t', { replicationFactor: 0 }), 'INVALID_REPLICATION_FACTOR'],
  ['more replicas than brokers', topic('t', { replicationFactor: 2 }), 'INVALID_REPLICATION_FACTOR'],
  ['an unknown config', topic('t', { configs: [{ name: 'x', value: 'y' }] }), 'INVALID_CONFIG'],
  ['a bad config', topic('t', { configs: [{ name: 'retention.ms', value: 'y' }] }), 'INVALID_CONFIG'],
  ['a null config', topic('t', { configs: [{ name: 'retention.ms', value: null }] }), 'INVALID_CONFIG'],
  ['assignments and a count', topic('t', { numPartitions: 1, assignments: on([1]) }), 'INVALID_REQUEST'],
  ['assignments and a factor', topic('t', { replicationFactor: 1, assignments: on([1]) }), 'INVALID_REQUEST'],
  ['an empty assignment', topic('t', { assignments: on([]) }), 'INVALID_REPLICA_ASSIGNMENT'],
  ['an unknown broker', topic('t', { assignments: on([7]) }), 'INVALID_REPLICA_ASSIGNMENT'],
  ['a broker twice', topic('t', { assignments: on([1, 1]) }), 'INVALID_REPLICA_ASSIGNMENT'],
  ['uneven assignments', topic('t', { assignments: on([1], [1, 2]) }), 'INVALID_REPLICA_ASSIGNMENT'],
  ['a partition twice', topic('t', { assignments: [...on([1]), ...on([2])] }), 'INVALID_REPLICA_ASSIGNMENT'],
  ['a gap', topic('t', { assignments: [{ partitionIndex: 1, brokerIds: [1] }] }), 'INVALID_REPLICA_ASSIGNMENT'],
])('%s is refused', (_, asked, error) => {
  expect(refusal(asked, error === 'INVALID_REPLICATION_FACTOR' ? 1 : 2)[0]).toBe(error);
});

function on(...replicas: number[][]) {
  return replicas.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds }));
}

test('assignments are taken as they are, the first replica leads', () => {
  const decisions = cluster(3);
  decisions.run(create(topic('t', { assignments: on([3, 1], [2, 3]) })));
  const [first, second] = topicByName(decisions.image, 't')!.partitions;
  expect(first).toMatchObject({
    replicas: [3, 1],
    isr: [3, 1],
    leader: 3,
    directories: [directoryOf(3), directoryOf(1)],
  });
  expect(second).toMatchObject({ replicas: [2, 3], leader: 2 });
});

test('more than 10,000 partitions in a request are refused as a whole', () => {
  const decided = cluster().decided(create(topic('t', { numPartitions: 10_001 })));
  expect(decided).toMatchObject({ refused: 'POLICY_VIOLATION' });
});

test('a request whose records exceed one batch is refused as a whole', () => {
  const decided = cluster().decided(create(topic('t', { numPartitions: 10_000 })));
  expect(decided).toMatchObject({ refused: 'POLICY_VIOLATION' });
});
