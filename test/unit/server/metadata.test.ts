import fc from 'fast-check';
import { expect, test } from 'vitest';
import { zeroUuid } from '../../../src/base/uuid.ts';
import { fenceBroker } from '../../../src/core/controller/brokers.ts';
import { topicByName } from '../../../src/core/metadata/image.ts';
import { encode } from '../../../src/protocol/codec.ts';
import { errorCode } from '../../../src/protocol/errors.ts';
import { MetadataRequest, MetadataResponse } from '../../../src/protocol/messages/03-metadata.ts';
import { operationsNotAsked, topicOperations } from '../../../src/server/authorized-operations.ts';
import { EncodedTopics, encodeTopic, topicView } from '../../../src/server/encoded-topics.ts';
import { answerWith, metadata } from '../../../src/server/handlers/03-metadata.ts';
import { ask, id, World } from './support.ts';

/** For a machine that does much else meanwhile. */
const deadlineMs = 60_000;
const versions = Array.from({ length: MetadataRequest.max + 1 }, (_, version) => version);
const byName = (...names: string[]) => ({ topics: names.map(name => ({ name, topicId: zeroUuid })) });
const asking = (world: World, version: number, request: object) =>
  ask<MetadataResponse>(metadata(world.services), version, { ...defaultsOf(version), ...request });
const defaultsOf = (version: number) => ({
  includeTopicAuthorizedOperations: false,
  ...(version >= 4 ? { allowAutoTopicCreation: false } : {}),
});

test.each(versions)(
  'version %i put together from pieces is what the codec makes of the whole',
  version => {
    const world = new World();
    world.createTopic('alpha', 3);
    world.createTopic('__consumer_offsets', 1);
    const form = { version, listener: 'PLAINTEXT', withOperations: false };
    const topics = [...world.image.topicsById.values()].map(topic => topicView(world.image, topic, form));
    fc.assert(
      fc.property(fc.nat(200), fc.option(fc.string()), fc.integer(), (count, clusterId, operations) => {
        const around = {
          brokers: [{ nodeId: 1, host: 'here', port: 9092, rack: version > 0 ? 'r' : null }],
          clusterId,
          controllerId: 1,
          clusterAuthorizedOperations: version >= 8 && version <= 10 ? operations : operationsNotAsked,
        };
        const many = Array.from({ length: count }, (_, i) => topics[i % topics.length]!);
        const whole = encode(MetadataResponse, version, { ...around, topics: many, errorCode: 0 });
        const pieces = many.map(topic => encodeTopic(topic, version));
        expect(answerWith(pieces, around, version)).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  },
  deadlineMs,
);

test.each(versions)('version %i names the broker and the leaders of the topics asked for', async version => {
  const world = new World();
  world.createTopic('alpha', 2);
  world.createTopic('beta', 1);
  const answer = await asking(world, version, byName('beta', 'alpha', 'beta'));
  expect(answer.brokers).toEqual([{ nodeId: 1, host: 'localhost', port: 9092, rack: null }]);
  expect(answer.topics.map(({ name, errorCode: code }) => [name, code])).toEqual([
    ['beta', 0],
    ['alpha', 0],
  ]);
  const [, alpha] = answer.topics;
  expect(
    alpha!.partitions.map(({ partitionIndex, leaderId, errorCode: code }) => [partitionIndex, leaderId, code]),
  ).toEqual([
    [0, 1, 0],
    [1, 1, 0],
  ]);
  if (version >= 10) expect(alpha!.topicId).toBe(topicByName(world.image, 'alpha')!.id);
  if (version >= 2) expect(answer.clusterId).toBe('cluster-of-the-test');
  if (version >= 1) expect(answer.controllerId).toBe(1);
});

test('no topics are all topics in version 0, and none later; null is all', async () => {
  const world = new World();
  world.createTopic('alpha');
  expect((await asking(world, 0, { topics: [] })).topics).toHaveLength(1);
  expect((await asking(world, 1, { topics: [] })).topics).toHaveLength(0);
  for (const version of versions.slice(1)) {
    expect((await asking(world, version, { topics: null })).topics).toHaveLength(1);
  }
});

test('topics are found by id from version 12 on, names beside ids are ignored, unknown ids are named', async () => {
  const world = new World();
  world.createTopic('alpha');
  const topicId = topicByName(world.image, 'alpha')!.id;
  for (const version of [12, 13]) {
    const topics = [
      { name: null, topicId },
      { name: null, topicId: id(9) },
      { name: 'alpha', topicId: zeroUuid },
    ];
    const answer = await asking(world, version, { topics });
    expect(answer.topics.map(topic => [topic.errorCode, topic.name, topic.topicId])).toEqual([
      [0, 'alpha', topicId],
      [errorCode.UNKNOWN_TOPIC_ID, null, id(9)],
    ]);
  }
});

test.each([10, 11])('version %i refuses ids and null names, topic by topic', async version => {
  const world = new World();
  world.createTopic('alpha');
  for (const topic of [
    { name: null, topicId: zeroUuid },
    { name: 'alpha', topicId: id(9) },
  ]) {
    const answer = await asking(world, version, { topics: [topic] });
    expect(answer.topics.map(({ errorCode: code, name }) => [code, name])).toEqual([
      [errorCode.INVALID_REQUEST, topic.name ?? ''],
    ]);
  }
});

test('an unknown topic is created when broker and client allow it, and is there the next time', async () => {
  const world = new World({ 'num.partitions': '3' });
  const first = await asking(world, 9, { ...byName('new'), allowAutoTopicCreation: true });
  expect(first.topics.map(({ errorCode: code }) => code)).toEqual([errorCode.UNKNOWN_TOPIC_OR_PARTITION]);
  await Promise.resolve();
  const second = await asking(world, 9, { ...byName('new'), allowAutoTopicCreation: true });
  expect(second.topics[0]!.partitions).toHaveLength(3);
  expect(world.log.lines.filter(line => line.includes('new'))).toHaveLength(1);
});

test.each([
  ['the client declines', {}, 9, { allowAutoTopicCreation: false }],
  ['the broker declines', { 'auto.create.topics.enable': 'false' }, 9, { allowAutoTopicCreation: true }],
])('nothing is created when %s', async (_, properties, version, request) => {
  const world = new World(properties);
  const answer = await asking(world, version, { ...byName('new'), ...request });
  expect(answer.topics[0]!.errorCode).toBe(errorCode.UNKNOWN_TOPIC_OR_PARTITION);
  await Promise.resolve();
  expect(world.image.topicIdsByName.size).toBe(0);
});

test('a name that no topic can have is not created', async () => {
  const world = new World();
  for (const name of ['', '..', 'a b', 'x'.repeat(250)]) {
    const answer = await asking(world, 9, { ...byName(name), allowAutoTopicCreation: true });
    expect(answer.topics[0]!.errorCode, name).toBe(errorCode.INVALID_TOPIC_EXCEPTION);
  }
  await Promise.resolve();
  expect(world.image.topicIdsByName.size).toBe(0);
});

test('authorized operations are told to those who ask', async () => {
  const world = new World();
  world.createTopic('alpha');
  const silent = await asking(world, 8, byName('alpha', 'missing'));
  expect(silent.topics.map(topic => topic.topicAuthorizedOperations)).toEqual([operationsNotAsked, operationsNotAsked]);
  expect(silent.clusterAuthorizedOperations).toBe(operationsNotAsked);
  const told = await asking(world, 8, {
    ...byName('alpha', 'missing'),
    includeTopicAuthorizedOperations: true,
    includeClusterAuthorizedOperations: true,
  });
  expect(told.topics.map(topic => topic.topicAuthorizedOperations)).toEqual([topicOperations, topicOperations]);
  expect([topicOperations, told.clusterAuthorizedOperations]).toEqual([3576, 8096]);
});

test('encoded topics are reused until the topic or the brokers change', () => {
  const world = new World();
  world.createTopic('alpha');
  const cache = new EncodedTopics();
  const form = { version: 12, listener: 'PLAINTEXT', withOperations: false };
  const alpha = () => cache.of(world.image, topicByName(world.image, 'alpha')!, form);
  const before = alpha();
  world.createTopic('beta');
  expect(alpha()).toBe(before);
  expect(cache.of(world.image, topicByName(world.image, 'alpha')!, { ...form, version: 9 })).not.toBe(before);
  world.decideNow(fenceBroker(1));
  expect(alpha()).not.toEqual(before);
});

test('internal topics are marked', async () => {
  const world = new World();
  world.createTopic('__consumer_offsets');
  world.createTopic('plain');
  const answer = await asking(world, 12, byName('__consumer_offsets', 'plain'));
  expect(answer.topics.map(({ isInternal }) => isInternal)).toEqual([true, false]);
});
