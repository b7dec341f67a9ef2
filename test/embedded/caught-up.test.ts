/** waitUntilCaughtUp of `milena/testing`, with members that commit when they are told to. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { createTopic } from '../../src/client/admin.ts';
import { Cluster } from '../../src/client/cluster.ts';
import { openCodecs } from '../../src/client/codecs.ts';
import { GroupConsumer } from '../../src/client/group-consumer.ts';
import { commitAsOutsider } from '../../src/client/group-offsets.ts';
import { PartitionMap } from '../../src/client/partition-map.ts';
import { Producer } from '../../src/client/producer.ts';
import { Broker } from '../../src/index.ts';
import { NotCaughtUp, resetTopic, waitUntilCaughtUp } from '../../src/testing.ts';
import { freshDir } from './support.ts';

const deadlineMs = 60_000;
let broker: Broker;
let cluster: Cluster;
beforeEach(async () => {
  broker = await Broker.start({ dataDir: freshDir() });
  cluster = await Cluster.connect(broker.bootstrapServers);
  await createTopic(cluster, { name: 't', partitions: 2, replicationFactor: 1, configs: new Map() }, false);
});
afterEach(async () => {
  await cluster.close();
  await broker.stop();
});

async function send(partition: number): Promise<void> {
  const options = { topic: 't', partition, acks: -1, compression: 'none', codec: undefined } as const;
  await (await Producer.open(cluster, options)).send([{ timestamp: 1n, value: utf8('v') }]);
}

const commit = (...offsets: readonly bigint[]): Promise<void> =>
  commitAsOutsider(
    cluster,
    'g',
    new PartitionMap(offsets.map((value, partition) => ({ topic: 't', partition, value }))),
  );

/** What a wait has come to so far. */
function watched(waiting: Promise<void>): { state: string } {
  const seen = { state: 'waits' };
  waiting.then(
    () => {
      seen.state = 'resolved';
    },
    () => {
      seen.state = 'rejected';
    },
  );
  return seen;
}

test('it resolves with the commit that reaches the last end, and not before', { timeout: deadlineMs }, async () => {
  await send(0);
  await send(0);
  await send(1);
  const waiting = waitUntilCaughtUp(broker, 'g', { topics: ['t'] });
  const seen = watched(waiting);
  await commit(1n, 1n);
  await cluster.metadata([]);
  expect(seen.state).toBe('waits');
  await commit(2n);
  await waiting;
  await waitUntilCaughtUp(broker, 'g');
});

test('a signal ends it, and the error says what is missing', { timeout: deadlineMs }, async () => {
  await send(0);
  await commit(0n);
  const missing = waitUntilCaughtUp(broker, 'g', { topics: ['t'], signal: AbortSignal.timeout(50) });
  await expect(missing).rejects.toThrow('group g: t-0 is at 0 of 1');
  await expect(missing).rejects.toBeInstanceOf(NotCaughtUp);
  await expect(waitUntilCaughtUp(broker, 'nobody', { signal: AbortSignal.abort() })).rejects.toThrow(
    'group nobody: it has no partitions',
  );
  await expect(waitUntilCaughtUp(broker, 'g', { topics: ['nothing'] })).rejects.toThrow(/nothing does not exist/);
});

test('the partitions of members count, empty ones are read', { timeout: deadlineMs }, async () => {
  const consumer = new GroupConsumer(cluster, await openCodecs(), { group: 'g', topics: ['t'], reset: 'earliest' });
  while (consumer.positions.size < 2) await consumer.poll();
  await waitUntilCaughtUp(broker, 'g');
  await send(1);
  const waiting = waitUntilCaughtUp(broker, 'g');
  const seen = watched(waiting);
  while ((await consumer.poll()).length === 0);
  expect(seen.state).toBe('waits');
  await consumer.commit();
  await waiting;
  await consumer.close();
});

test('a topic that is emptied meanwhile is read', { timeout: deadlineMs }, async () => {
  await send(0);
  const waiting = waitUntilCaughtUp(broker, 'g', { topics: ['t'] });
  await resetTopic(broker, 't', { how: 'deleteRecords' });
  await waiting;
});

test('nothing of a wait is left when it has ended', { timeout: deadlineMs }, async () => {
  await commit(0n, 0n);
  await waitUntilCaughtUp(broker, 'g');
  const before = process.getActiveResourcesInfo().length;
  await Promise.all(Array.from({ length: 5 }, () => waitUntilCaughtUp(broker, 'g')));
  while (process.getActiveResourcesInfo().length > before) await new Promise(resolve => setImmediate(resolve));
});
