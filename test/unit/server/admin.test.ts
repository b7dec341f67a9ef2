import { expect, test } from 'vitest';
import { zeroUuid } from '../../../src/base/uuid.ts';
import { topicByName } from '../../../src/core/metadata/image.ts';
import { errorCode } from '../../../src/protocol/errors.ts';
import type { ApiVersionsResponse } from '../../../src/protocol/messages/18-api-versions.ts';
import type { CreateTopicsResponse } from '../../../src/protocol/messages/19-create-topics.ts';
import type { DeleteRecordsResponse } from '../../../src/protocol/messages/21-delete-records.ts';
import type { InitProducerIdResponse } from '../../../src/protocol/messages/22-init-producer-id.ts';
import type { DescribeLogDirsResponse } from '../../../src/protocol/messages/35-describe-log-dirs.ts';
import type { DescribeQuorumResponse } from '../../../src/protocol/messages/55-describe-quorum.ts';
import type { DescribeClusterResponse } from '../../../src/protocol/messages/60-describe-cluster.ts';
import type { DescribeTopicPartitionsResponse } from '../../../src/protocol/messages/75-describe-topic-partitions.ts';
import { brokerApis, controllerApis } from '../../../src/server/apis.ts';
import { ask, id, World } from './support.ts';

const apiOfKey = (world: World, key: number) => brokerApis(world.services, world.asks).find(api => api.key === key)!;
const asking = <Answer>(world: World, key: number, version: number, request: object) =>
  ask<Answer>(apiOfKey(world, key), version, request);

const software = { clientSoftwareName: 'franz-go', clientSoftwareVersion: 'v1.20.0' };

test('ApiVersions names exactly what is served', async () => {
  const world = new World();
  const answer = await asking<ApiVersionsResponse>(world, 18, 4, software);
  const served = brokerApis(world.services, world.asks).map(({ key }) => key);
  expect(answer.apiKeys.map(({ apiKey }) => apiKey)).toEqual([...served, 0, 1, 2, 23].sort((a, b) => a - b));
  const ranges = new Map(answer.apiKeys.map(({ apiKey, ...range }) => [apiKey, range]));
  expect(ranges.get(0)).toEqual({ minVersion: 0, maxVersion: 13 });
  expect(ranges.get(22)).toEqual({ minVersion: 0, maxVersion: 5 });
  expect(answer.finalizedFeaturesEpoch).toBe(world.image.offset);
  expect(answer.finalizedFeatures).toContainEqual({ name: 'kraft.version', maxVersionLevel: 1, minVersionLevel: 1 });
});

test('features that begin at 0 are kept from clients before version 4', async () => {
  const world = new World();
  const old = await asking<ApiVersionsResponse>(world, 18, 3, software);
  const current = await asking<ApiVersionsResponse>(world, 18, 4, software);
  expect(old.supportedFeatures.length).toBeLessThan(current.supportedFeatures.length);
  expect(old.supportedFeatures.every(({ minVersion }) => minVersion > 0)).toBe(true);
});

test.each([
  ['', '1'],
  ['x', ''],
  ['-x', '1'],
  ['x', '1.'],
  ['a b', '1'],
  ['ä', '1'],
])('client software %j %j is not of the form of KIP-511', async (clientSoftwareName, clientSoftwareVersion) => {
  const answer = await asking<ApiVersionsResponse>(new World(), 18, 3, { clientSoftwareName, clientSoftwareVersion });
  expect([answer.errorCode, answer.apiKeys]).toEqual([errorCode.INVALID_REQUEST, []]);
});

test('CreateTopics answers with the configuration that came out', async () => {
  const world = new World({ 'log.retention.ms': '1000' });
  const topic = { name: 'alpha', numPartitions: -1, replicationFactor: -1, assignments: [] };
  const configs = [{ name: 'segment.bytes', value: '2097152' }];
  const answer = await asking<CreateTopicsResponse>(world, 19, 7, {
    topics: [
      { ...topic, configs },
      { ...topic, name: 'a b', configs: [] },
    ],
    timeoutMs: 1,
    validateOnly: false,
  });
  const [made, refused] = answer.topics;
  expect([made!.errorCode, made!.numPartitions, made!.replicationFactor]).toEqual([0, 1, 1]);
  expect(made!.topicId).toBe(topicByName(world.image, 'alpha')!.id);
  const shown = new Map(made!.configs!.map(config => [config.name, [config.value, config.configSource]]));
  expect(shown.get('segment.bytes')).toEqual(['2097152', 1]);
  expect(shown.get('retention.ms')).toEqual(['1000', 4]);
  expect(shown.get('cleanup.policy')).toEqual(['delete', 5]);
  expect([refused!.errorCode, refused!.topicId]).toEqual([errorCode.INVALID_TOPIC_EXCEPTION, zeroUuid]);
});

test('producer ids come from blocks and never twice', async () => {
  const world = new World();
  const next = () => asking<InitProducerIdResponse>(world, 22, 5, { transactionalId: null, transactionTimeoutMs: 1 });
  expect([(await next()).producerId, (await next()).producerId]).toEqual([5000n, 5001n]);
});

test.each([
  ['transactions', { transactionalId: 'tx' }, errorCode.UNSUPPORTED_VERSION],
  ['an empty transactional id', { transactionalId: '' }, errorCode.INVALID_REQUEST],
  ['half of a producer', { transactionalId: null, producerId: 5n }, errorCode.INVALID_REQUEST],
])('InitProducerId refuses %s', async (_, request, code) => {
  const answer = await asking<InitProducerIdResponse>(new World(), 22, 4, { transactionTimeoutMs: 1, ...request });
  expect([answer.errorCode, answer.producerId, answer.producerEpoch]).toEqual([code, -1n, -1]);
});

test('DescribeTopicPartitions goes page by page, each cursor where the last page ended', async () => {
  const world = new World({ 'max.request.partition.size.limit': '3' });
  for (const name of ['b', 'a', 'c']) world.createTopic(name, 2);
  const seen: string[] = [];
  let cursor: DescribeTopicPartitionsResponse['nextCursor'] = null;
  let pages = 0;
  do {
    const answer: DescribeTopicPartitionsResponse = await asking(world, 75, 0, { topics: [], cursor });
    for (const { name, partitions } of answer.topics) seen.push(...partitions.map(p => `${name}-${p.partitionIndex}`));
    cursor = answer.nextCursor;
    pages++;
  } while (cursor !== null);
  expect(seen).toEqual(['a-0', 'a-1', 'b-0', 'b-1', 'c-0', 'c-1']);
  expect(pages).toBe(2);
});

test('DescribeTopicPartitions refuses cursors that lead nowhere', async () => {
  const world = new World();
  world.createTopic('a');
  for (const cursor of [
    { topicName: 'z', partitionIndex: 0 },
    { topicName: 'a', partitionIndex: -1 },
  ]) {
    const answer = await asking<DescribeTopicPartitionsResponse>(world, 75, 0, { topics: [{ name: 'a' }], cursor });
    expect(answer.topics.map(topic => topic.errorCode)).toEqual([errorCode.INVALID_REQUEST]);
  }
});

test('DescribeCluster tells brokers from controllers', async () => {
  const world = new World();
  const request = { includeClusterAuthorizedOperations: false, includeFencedBrokers: false };
  const answer = await asking<DescribeClusterResponse>(world, 60, 2, request);
  expect(answer.brokers.map(({ brokerId }) => brokerId)).toEqual([1]);
  const wrong = await asking<DescribeClusterResponse>(world, 60, 2, { ...request, endpointType: 2 });
  expect(wrong.errorCode).toBe(errorCode.MISMATCHED_ENDPOINT_TYPE);
  const unknown = await asking<DescribeClusterResponse>(world, 60, 2, { ...request, endpointType: 7 });
  expect(unknown.errorCode).toBe(errorCode.UNSUPPORTED_ENDPOINT_TYPE);
  const controller = controllerApis(world.services).find(({ key }) => key === 60)!;
  const mismatch = await ask<DescribeClusterResponse>(controller, 2, { ...request, endpointType: 1 });
  expect(mismatch.errorCode).toBe(errorCode.MISMATCHED_ENDPOINT_TYPE);
});

test.each([0, 1, 2])('DescribeQuorum version %i describes a quorum of one', async version => {
  const world = new World();
  const ask = (topicName: string) =>
    asking<DescribeQuorumResponse>(world, 55, version, {
      topics: [{ topicName, partitions: [{ partitionIndex: 0 }] }],
    });
  const [partition] = (await ask('__cluster_metadata')).topics[0]!.partitions;
  expect(partition).toMatchObject({
    errorCode: 0,
    leaderId: 1,
    leaderEpoch: 3,
    highWatermark: world.image.offset + 1n,
  });
  expect(partition!.currentVoters.map(({ replicaId }) => replicaId)).toEqual([1]);
  if (version >= 2) expect(partition!.currentVoters[0]!.replicaDirectoryId).toBe(id(2));
  const [wrong] = (await ask('other')).topics[0]!.partitions;
  expect(wrong!.errorCode).toBe(errorCode.UNKNOWN_TOPIC_OR_PARTITION);
});

test('DeleteRecords asks the data plane, and refuses what holds no deletable records', async () => {
  const world = new World();
  world.createTopic('alpha');
  world.partitions.apply(world.deltas.at(-1)!);
  world.createTopic('compacted', 1, { 'cleanup.policy': 'compact' });
  world.partitions.apply(world.deltas.at(-1)!);
  const partitions = [{ partitionIndex: 0, offset: -1n }];
  const topics = ['alpha', 'compacted', 'missing'].map(name => ({ name, partitions }));
  const answering = asking<DeleteRecordsResponse>(world, 21, 2, { topics, timeoutMs: 1 });
  const [asked, ...others] = world.plane.ofType('deleteBefore');
  expect([asked?.offset, others]).toEqual([-1n, []]);
  world.asks.onPlaneEvent({ type: 'done', ticket: asked!.ticket, error: 0, offset: 12n });
  const results = (await answering).topics.map(topic => topic.partitions[0]!);
  expect(results.map(({ errorCode: code, lowWatermark }) => [code, lowWatermark])).toEqual([
    [0, 12n],
    [errorCode.POLICY_VIOLATION, -1n],
    [errorCode.UNKNOWN_TOPIC_OR_PARTITION, -1n],
  ]);
});

test('DescribeLogDirs adds up what the data plane knows', async () => {
  const world = new World();
  world.createTopic('alpha', 2);
  world.partitions.apply(world.deltas.at(-1)!);
  const answering = asking<DescribeLogDirsResponse>(world, 35, 4, { topics: null });
  const [query] = world.plane.ofType('query');
  const facts = {
    error: 0,
    logStartOffset: 0n,
    highWatermark: 0n,
    lastStableOffset: 0n,
    logEndOffset: 0n,
    producers: [],
  };
  const partitions = query!.partitions.map((_, i) => ({ ...facts, sizeBytes: BigInt(i + 1) * 100n }));
  world.asks.onPlaneEvent({ type: 'queried', ticket: query!.ticket, partitions });
  const [dir] = (await answering).results;
  expect([dir!.logDir, dir!.totalBytes, dir!.usableBytes]).toEqual(['/data', 100n, 40n]);
  expect(dir!.topics[0]!.partitions.map(({ partitionSize }) => partitionSize)).toEqual([100n, 200n]);
});
