/** `milena/testing` against an embedded broker: what is asked to go wrong goes wrong, and nothing else. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import type { Uuid } from '../../src/base/uuid.ts';
import { createTopic } from '../../src/client/admin.ts';
import { Cluster } from '../../src/client/cluster.ts';
import { ClientFailure } from '../../src/client/failure.ts';
import { latestTimestamp, listOffsets } from '../../src/client/list-offsets.ts';
import { Producer } from '../../src/client/producer.ts';
import { Broker } from '../../src/index.ts';
import { errorCode } from '../../src/protocol/errors.ts';
import { ProduceRequest, ProduceResponse } from '../../src/protocol/messages/00-produce.ts';
import { MetadataRequest, MetadataResponse } from '../../src/protocol/messages/03-metadata.ts';
import { encodeBatch } from '../../src/protocol/records/batch.ts';
import { faults, resetTopic } from '../../src/testing.ts';
import { freshDir, withBroker } from './support.ts';

let broker: Broker;
let cluster: Cluster;
beforeEach(async () => {
  broker = await Broker.start({ dataDir: freshDir(), faults: true });
  cluster = await Cluster.connect(broker.bootstrapServers);
});
afterEach(async () => {
  await cluster.close();
  await broker.stop();
});

const topic = (name: string, partitions = 2) =>
  createTopic(cluster, { name, partitions, replicationFactor: 1, configs: new Map([['retention.ms', '-1']]) }, false);

/** Sends one record and returns the code it was refused with, 0 when it was taken. */
async function send(name: string, partition: number, acks: -1 | 0 | 1 = -1): Promise<number> {
  const producer = await Producer.open(cluster, {
    topic: name,
    partition,
    acks,
    compression: 'none',
    codec: undefined,
  });
  try {
    await producer.send([{ timestamp: 1n, value: utf8('v') }]);
    return 0;
  } catch (error) {
    if (error instanceof ClientFailure) return error.code;
    throw error;
  }
}

const produceBody = (topicId: Uuid, partitions: readonly number[]) => ({
  acks: -1,
  timeoutMs: 30_000,
  topicData: [{ name: '', topicId, partitionData: partitions.map(index => ({ index, records: oneRecord })) }],
});
const oneRecord = encodeBatch({ compression: 'none', records: [{ timestamp: 1n, value: utf8('v') }] });

const ends = async (name: string) => {
  const wanted = [0, 1].map(partition => ({ topic: name, partition }));
  return [...(await listOffsets(cluster, wanted, latestTimestamp))].map(({ value }) => value);
};

test('the next append to a partition fails as asked, nothing of it is written, the one after succeeds', async () => {
  await topic('orders');
  await faults(broker).nextAppendFails('orders', { partition: 1, error: 'KAFKA_STORAGE_ERROR' });
  expect(await send('orders', 0)).toBe(0);
  expect(await send('orders', 1)).toBe(errorCode.KAFKA_STORAGE_ERROR);
  expect(await ends('orders')).toEqual([1n, 0n]);
  expect(await send('orders', 1)).toBe(0);
  expect(await ends('orders')).toEqual([1n, 1n]);
});

test('of one request with several partitions only the armed one fails', async () => {
  await topic('orders');
  await faults(broker).nextAppendFails('orders', { partition: 0, times: 2 });
  const { topicId } = await cluster.topic('orders');
  const body = produceBody(topicId, [0, 1]);
  for (const [first, end] of [
    [errorCode.NOT_ENOUGH_REPLICAS, 0n],
    [errorCode.NOT_ENOUGH_REPLICAS, 0n],
    [0, 1n],
  ] as const) {
    const { responses } = await cluster.any.call(ProduceRequest, ProduceResponse, body);
    const codes = responses.flatMap(r => r.partitionResponses).map(p => [p.index, p.errorCode] as const);
    expect(new Map(codes)).toEqual(
      new Map([
        [0, first],
        [1, 0],
      ]),
    );
    expect((await ends('orders'))[0]).toBe(end);
  }
});

test('with acks=0 a failed append closes the connection', async () => {
  await topic('orders');
  await faults(broker).nextAppendFails('orders', { partition: 0 });
  await send('orders', 0, 0);
  await expect(cluster.metadata([])).rejects.toThrow(/closed the connection/);
  await cluster.revive();
  expect(await ends('orders')).toEqual([0n, 0n]);
});

test('answers of one API wait, those of others do not; clear lets them go', async () => {
  await topic('orders');
  const other = await Cluster.connect(broker.bootstrapServers);
  faults(broker).delayAnswers({ api: 'Metadata', ms: 600_000 });
  let answered = false;
  const slow = other.metadata([]).then(() => {
    answered = true;
  });
  expect(await listEnd('orders')).toBe(0n);
  expect(answered).toBe(false);
  faults(broker).clear();
  await slow;
  await other.close();

  async function listEnd(name: string): Promise<bigint> {
    const { ListOffsetsRequest, ListOffsetsResponse } = await import('../../src/protocol/messages/02-list-offsets.ts');
    const answer = await cluster.any.call(ListOffsetsRequest, ListOffsetsResponse, {
      replicaId: -1,
      isolationLevel: 0,
      topics: [{ name, partitions: [{ partitionIndex: 0, timestamp: latestTimestamp }] }],
      timeoutMs: 1000,
    });
    return answer.topics[0]!.partitions[0]!.offset;
  }
});

test('a delayed answer comes, and in its turn', async () => {
  await topic('orders');
  const { topicId } = await cluster.topic('orders');
  faults(broker).delayAnswers({ api: 'Metadata', ms: 20 });
  const order: string[] = [];
  const askAll = { topics: [], allowAutoTopicCreation: false, includeTopicAuthorizedOperations: false };
  await Promise.all([
    cluster.any.call(MetadataRequest, MetadataResponse, askAll).then(() => order.push('Metadata')),
    cluster.any.call(ProduceRequest, ProduceResponse, produceBody(topicId, [0])).then(() => order.push('Produce')),
  ]);
  expect(order).toEqual(['Metadata', 'Produce']);
});

test('dropped connections are gone, new ones are taken', async () => {
  const lost = cluster.any;
  faults(broker).dropConnections();
  await expect(cluster.metadata([])).rejects.toMatchObject({ code: errorCode.NETWORK_EXCEPTION });
  expect(lost.isOpen).toBe(false);
  await cluster.revive();
  expect((await cluster.metadata([])).brokers).toHaveLength(1);
});

test('a broker is stopped although an answer is held back', async () => {
  faults(broker).delayAnswers({ ms: 600_000 });
  const waiting = cluster.metadata([]).catch(error => error.code);
  await broker.stop();
  expect(await waiting).toBe(errorCode.NETWORK_EXCEPTION);
});

test.each(['recreate', 'deleteRecords'] as const)(
  'resetTopic by %s leaves an empty topic with its settings',
  async how => {
    await topic('orders', 3);
    for (const partition of [0, 1, 1]) await send('orders', partition);
    const before = await cluster.topic('orders');
    await resetTopic(broker, 'orders', { how });
    const after = await cluster.topic('orders');
    expect(after.partitions).toHaveLength(3);
    expect(after.topicId === before.topicId).toBe(how === 'deleteRecords');
    expect(await ends('orders')).toEqual(how === 'recreate' ? [0n, 0n] : [1n, 2n]);
    const { topicOverrides } = await import('../../src/client/admin.ts');
    expect((await topicOverrides(cluster, ['orders'])).get('orders')).toEqual(new Map([['retention.ms', '-1']]));
    expect(await send('orders', 0)).toBe(0);
  },
);

test('what cannot be done is said', async () => {
  const { nextAppendFails, delayAnswers } = faults(broker);
  await expect(nextAppendFails('nothing')).rejects.toThrow(/topic nothing does not exist/);
  await topic('orders');
  await expect(nextAppendFails('orders', { partition: 7 })).rejects.toThrow(/no partition 7/);
  await expect(nextAppendFails('orders', { error: 'NONE' })).rejects.toThrow(/NONE is no error/);
  expect(() => delayAnswers({ api: 'Produced', ms: 1 })).toThrow(/no API is called Produced/);
  expect(() => delayAnswers({ ms: -1 })).toThrow(/ms is -1/);
  await expect(resetTopic(broker, 'nothing')).rejects.toThrow(/nothing does not exist/);
  await withBroker({ dataDir: freshDir() }, async plain => {
    expect(() => faults(plain)).toThrow(/Broker\.start\(\{ faults: true/);
  });
  await expect(
    Broker.start({ dataDir: freshDir(), faults: true, config: { listeners: 'PLAINTEXT://localhost:0' } }),
  ).rejects.toMatchObject({ code: 'CONFIG' });
});

test('the package names its testing entrance', () => {
  const { exports } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(exports['./testing']).toEqual({ types: './dist/testing.d.ts', default: './dist/testing.js' });
});
