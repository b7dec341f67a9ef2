import { expect, test } from 'vitest';
import { parseUuid, type Uuid, zeroUuid } from '../../../../src/base/uuid.ts';
import { createTopics } from '../../../../src/core/controller/create-topics.ts';
import { deleteTopics } from '../../../../src/core/controller/delete-topics.ts';
import { topicByName, topicConfigs } from '../../../../src/core/metadata/image.ts';
import { cluster, rules, settings, topic } from '../../../support/metadata.ts';

function withTopics(...names: string[]) {
  const decisions = cluster();
  const topics = names.map(name => topic(name, { configs: [{ name: 'retention.ms', value: '1' }] }));
  decisions.run(createTopics({ topics, validateOnly: false }, settings, rules));
  return decisions;
}

const byName = (...topicNames: string[]) => deleteTopics({ topicNames, topics: [], apiVersion: 5 }, settings);
const v6 = (...topics: { name: string | null; topicId: Uuid }[]) =>
  deleteTopics({ topicNames: [], topics, apiVersion: 6 }, settings);
const stranger = parseUuid('abcdefghijklmnopqrstug')!;

test('a deleted topic takes its partitions and configs with it', () => {
  const decisions = withTopics('a', 'b');
  const { id } = topicByName(decisions.image, 'a')!;
  expect(decisions.run(byName('a'))).toEqual([{ name: 'a', topicId: id, error: 'NONE', message: null }]);
  expect(topicByName(decisions.image, 'a')).toBeUndefined();
  expect(topicConfigs(decisions.image, 'a').size).toBe(0);
  expect(decisions.image.partitionCount).toBe(3);
  expect(decisions.delta!.topics.deleted.map(({ name }) => name)).toEqual(['a']);
});

test('a name can be used again and has another id', () => {
  const decisions = withTopics('a.b');
  const { id } = topicByName(decisions.image, 'a.b')!;
  decisions.run(byName('a.b'));
  decisions.run(createTopics({ topics: [topic('a_b')], validateOnly: false }, settings, rules));
  expect(topicByName(decisions.image, 'a_b')!.id).not.toBe(id);
});

test('by id', () => {
  const decisions = withTopics('a');
  const { id } = topicByName(decisions.image, 'a')!;
  expect(decisions.run(v6({ name: null, topicId: id }))).toMatchObject([{ name: 'a', topicId: id, error: 'NONE' }]);
  expect(decisions.image.topicsById.size).toBe(0);
});

test('what is not there', () => {
  const decisions = withTopics('a');
  expect(decisions.run(byName('b'))).toMatchObject([{ name: 'b', error: 'UNKNOWN_TOPIC_OR_PARTITION' }]);
  expect(decisions.run(v6({ name: null, topicId: stranger }))).toMatchObject([
    { name: null, topicId: stranger, error: 'UNKNOWN_TOPIC_ID' },
  ]);
});

test('neither, both, twice', () => {
  const decisions = withTopics('a', 'b');
  const { id } = topicByName(decisions.image, 'a')!;
  const byId = { name: null, topicId: id };
  expect(decisions.run(v6({ name: null, topicId: zeroUuid }))).toMatchObject([{ error: 'INVALID_REQUEST' }]);
  expect(decisions.run(v6({ name: 'a', topicId: id }))).toMatchObject([{ error: 'INVALID_REQUEST' }]);
  expect(decisions.run(byName('a', 'a', 'a'))).toMatchObject([{ message: 'Duplicate topic name.' }]);
  expect(decisions.run(v6(byId, byId))).toMatchObject([{ message: 'Duplicate topic id.' }]);
  expect(decisions.run(v6(byId, { name: 'a', topicId: zeroUuid }))).toMatchObject([
    { message: 'The provided topic name maps to an ID that was already supplied.' },
  ]);
  expect(decisions.image.topicsById.size).toBe(2);
});

test('delete.topic.enable=false', () => {
  const decisions = withTopics('a');
  const off = { ...settings, deleteEnabled: false };
  const ask = (apiVersion: number) => deleteTopics({ topicNames: ['a'], topics: [], apiVersion }, off);
  expect(decisions.decided(ask(2))).toMatchObject({ refused: 'INVALID_REQUEST' });
  expect(decisions.decided(ask(3))).toMatchObject({ refused: 'TOPIC_DELETION_DISABLED' });
});
