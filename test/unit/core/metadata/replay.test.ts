import { expect, test } from 'vitest';
import { makeUuid } from '../../../../src/base/uuid.ts';
import { createTopics } from '../../../../src/core/controller/create-topics.ts';
import { topicByName } from '../../../../src/core/metadata/image.ts';
import type { MetadataRecordInit } from '../../../../src/core/metadata/records.ts';
import { encodeRecord } from '../../../../src/core/metadata/records.ts';
import { ReplayError } from '../../../../src/core/metadata/replay.ts';
import { TransactionFilter } from '../../../../src/core/metadata/transactions.ts';
import { cluster, replayed, rules, settings, topic } from '../../../support/metadata.ts';

const id = (n: number) => makeUuid(() => new Uint8Array(16).fill(n));

function withTopic() {
  const decisions = cluster(3);
  const assignments = [{ partitionIndex: 0, brokerIds: [1, 2] }];
  decisions.run(createTopics({ topics: [topic('a.b', { assignments })], validateOnly: false }, settings, rules));
  return decisions.image;
}

const first = (image: ReturnType<typeof withTopic>) => topicByName(image, 'a.b')!.partitions[0]!;

test('the image before a replay stays as it was', () => {
  const before = withTopic();
  const topicId = topicByName(before, 'a.b')!.id;
  const { after } = replayed(before, [
    { type: 'partitionChange', version: 2, data: { topicId, partitionId: 0, leader: 2, isr: [2] } },
    { type: 'config', version: 0, data: { resourceType: 2, resourceName: 'a.b', name: 'k', value: 'v' } },
    { type: 'unregisterBroker', version: 0, data: { brokerId: 3, brokerEpoch: 0n } },
  ]);
  expect(first(before)).toMatchObject({ leader: 1, leaderEpoch: 0, isr: [1, 2] });
  expect(before.brokers.size).toBe(3);
  expect(before.configs.size).toBe(0);
  expect(first(after)).toMatchObject({ leader: 2, leaderEpoch: 1, partitionEpoch: 1, isr: [2], replicas: [1, 2] });
  expect(after.brokers.size).toBe(2);
});

test('a change that names no leader keeps the leader epoch', () => {
  const before = withTopic();
  const topicId = topicByName(before, 'a.b')!.id;
  const change = { topicId, partitionId: 0, isr: [1] };
  const { after, topics } = replayed(before, [{ type: 'partitionChange', version: 2, data: change }]);
  expect(first(after)).toMatchObject({ leader: 1, leaderEpoch: 0, partitionEpoch: 1, isr: [1] });
  expect(topics.changed).toHaveLength(1);
  expect(topics.created).toHaveLength(0);
});

test('a reassignment keeps the directories of replicas that stay', () => {
  const before = withTopic();
  const topicId = topicByName(before, 'a.b')!.id;
  const change = { topicId, partitionId: 0, replicas: [3, 1] };
  const { after } = replayed(before, [{ type: 'partitionChange', version: 2, data: change }]);
  expect(first(after).directories).toEqual(['AAAAAAAAAAAAAAAAAAAAAA', first(before).directories[0]]);
});

test('a topic that comes and goes within a batch is no change', () => {
  const before = withTopic();
  const delta = replayed(before, [
    { type: 'topic', version: 0, data: { name: 'x', topicId: id(1) } },
    { type: 'config', version: 0, data: { resourceType: 2, resourceName: 'x', name: 'k', value: 'v' } },
    { type: 'removeTopic', version: 0, data: { topicId: id(1) } },
  ]);
  expect(delta.topics).toEqual({ created: [], deleted: [], changed: [] });
  expect(delta.configs).toEqual([]);
  expect(delta.after.configs.size).toBe(0);
  expect(delta.after.topicIdsByName.has('x')).toBe(false);
});

test('deleted and created anew under the same name in one batch', () => {
  const before = withTopic();
  const topicId = topicByName(before, 'a.b')!.id;
  const delta = replayed(before, [
    { type: 'removeTopic', version: 0, data: { topicId } },
    { type: 'topic', version: 0, data: { name: 'a.b', topicId: id(1) } },
  ]);
  expect(delta.topics.deleted.map(topic => topic.id)).toEqual([topicId]);
  expect(delta.topics.created.map(topic => topic.id)).toEqual([id(1)]);
  expect(topicByName(delta.after, 'a.b')!.id).toBe(id(1));
  expect(delta.after.collidingNames.get('a_b')).toEqual(['a.b']);
});

test('eligible leader replicas are cleared, of one topic or of all', () => {
  const before = withTopic();
  const topicId = topicByName(before, 'a.b')!.id;
  const elr = { topicId, partitionId: 0, eligibleLeaderReplicas: [2], lastKnownElr: [1] };
  const { after } = replayed(before, [{ type: 'partitionChange', version: 2, data: elr }]);
  expect(first(after)).toMatchObject({ elr: [2], lastKnownElr: [1] });
  for (const topicName of ['a.b', '']) {
    const cleared = replayed(after, [{ type: 'clearElr', version: 0, data: { topicName } }]).after;
    expect(first(cleared)).toMatchObject({ elr: [], lastKnownElr: [] });
  }
});

test('a feature at level 0 is none', () => {
  const level = (featureLevel: number): MetadataRecordInit => ({
    type: 'featureLevel',
    version: 0,
    data: { name: 'group.version', featureLevel },
  });
  const { after, features } = replayed(cluster().image, [level(1)]);
  expect(after.features.get('group.version')).toBe(1);
  expect(features).toBe(true);
  expect(replayed(after, [level(0)]).after.features.has('group.version')).toBe(false);
});

const acl = (n: number) => ({
  id: id(n),
  resourceType: 2,
  resourceName: 't',
  patternType: 3,
  principal: 'User:a',
  host: '*',
  operation: 3,
  permissionType: 3,
});
const quota = (names: string[], remove: boolean) => ({
  entity: names.map(entityType => ({ entityType, entityName: 'x' })),
  key: 'producer_byte_rate',
  value: 1,
  remove,
});

test('records of kinds that are not served are kept, replaced and removed by their identity', () => {
  const { after } = replayed(cluster().image, [
    { type: 'accessControlEntry', version: 0, data: acl(1) },
    { type: 'accessControlEntry', version: 0, data: acl(2) },
    { type: 'clientQuota', version: 0, data: quota(['user', 'client-id'], false) },
    { type: 'delegationToken', version: 0, data: token('t') },
  ]);
  expect(after.kept.size).toBe(4);
  const gone = replayed(after, [
    { type: 'removeAccessControlEntry', version: 0, data: { id: id(1) } },
    { type: 'clientQuota', version: 0, data: quota(['client-id', 'user'], true) },
    { type: 'removeDelegationToken', version: 0, data: { tokenId: 't' } },
  ]).after;
  expect([...gone.kept.values()].map(({ data }) => data)).toEqual([acl(2)]);
});

function token(tokenId: string) {
  const timestamps = { issueTimestamp: 1n, maxTimestamp: 2n, expirationTimestamp: 3n };
  return { owner: 'o', requester: 'o', renewers: [], tokenId, ...timestamps };
}

test.each<[string, MetadataRecordInit]>([
  ['a partition of no topic', { type: 'partition', version: 2, data: { ...acl(1), topicId: id(9) } as never }],
  ['a change of no topic', { type: 'partitionChange', version: 2, data: { topicId: id(9), partitionId: 0 } }],
  ['the end of no topic', { type: 'removeTopic', version: 0, data: { topicId: id(9) } }],
  ['a change of no broker', { type: 'brokerRegistrationChange', version: 0, data: { brokerId: 9, brokerEpoch: 0n } }],
  ['the ELR of no topic', { type: 'clearElr', version: 0, data: { topicName: 'nope' } }],
])('%s breaks off', (what, record) => {
  const data = what.startsWith('a partition') ? { ...partition, topicId: id(9) } : record.data;
  expect(() => replayed(withTopic(), [{ ...record, data } as MetadataRecordInit])).toThrow(ReplayError);
});

const partition = {
  partitionId: 0,
  replicas: [1],
  isr: [1],
  removingReplicas: [],
  addingReplicas: [],
  leader: 1,
  leaderEpoch: 0,
  partitionEpoch: 0,
  directories: [],
};

test('a partition that leaves a gap, and a change of a partition that does not exist', () => {
  const before = withTopic();
  const topicId = topicByName(before, 'a.b')!.id;
  const gap: MetadataRecordInit = { type: 'partition', version: 2, data: { ...partition, topicId, partitionId: 2 } };
  expect(() => replayed(before, [gap])).toThrow('a.b has no partition 1');
  const negative = { ...gap, data: { ...gap.data, partitionId: -1 } } as MetadataRecordInit;
  expect(() => replayed(before, [negative])).toThrow('a.b has a partition -1');
  const change: MetadataRecordInit = { type: 'partitionChange', version: 2, data: { topicId, partitionId: 1 } };
  expect(() => replayed(before, [change])).toThrow('a.b-1, which does not exist');
});

test('a metadata transaction takes effect at its end, an aborted one never', () => {
  const record = (init: MetadataRecordInit) => encodeRecord(init).record;
  const begin = record({ type: 'beginTransaction', version: 0, data: { name: 'x' } });
  const end = record({ type: 'endTransaction', version: 0, data: {} });
  const abort = record({ type: 'abortTransaction', version: 0, data: { reason: 'y' } });
  const noOp = record({ type: 'noOp', version: 0, data: {} });
  const filter = new TransactionFilter();
  expect(filter.admit(noOp)).toEqual([noOp]);
  expect(filter.admit(begin)).toEqual([]);
  expect(filter.admit(noOp)).toEqual([]);
  expect(filter.open).toBe(true);
  expect(() => filter.admit(begin)).toThrow(ReplayError);
  expect(filter.admit(end)).toEqual([noOp]);
  expect(() => filter.admit(end)).toThrow(ReplayError);
  filter.admit(begin);
  filter.admit(noOp);
  expect(filter.admit(abort)).toEqual([]);
  expect(filter.open).toBe(false);
});
