import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { Broker, StartFailure } from '../../src/index.ts';
import type { DeleteTopicsResponse } from '../../src/protocol/messages/20-delete-topics.ts';
import type { InitProducerIdResponse } from '../../src/protocol/messages/22-init-producer-id.ts';
import type { DescribeConfigsResponse } from '../../src/protocol/messages/32-describe-configs.ts';
import type { IncrementalAlterConfigsResponse } from '../../src/protocol/messages/44-incremental-alter-configs.ts';
import { RawClient } from '../support/raw-client.ts';
import { ask, createTopic, freshDir, LogLines, metadata, portOf, produce, withBroker, withClient } from './support.ts';

const deadlineMs = 60_000;

test('a broker that has started answers Metadata, and names itself', { timeout: deadlineMs }, async () => {
  await withBroker({ dataDir: freshDir() }, broker =>
    withClient(broker, async client => {
      const answer = await metadata(client);
      expect(answer.clusterId).toBe(broker.clusterId);
      expect(answer.brokers).toEqual([{ nodeId: 1, host: 'localhost', port: portOf(broker), rack: null }]);
      expect(broker.bootstrapServers).toBe(`localhost:${portOf(broker)}`);
    }),
  );
});

test('a broker answers at 127.0.0.1 and at ::1', { timeout: deadlineMs }, async () => {
  await withBroker({ dataDir: freshDir() }, async broker => {
    for (const host of ['127.0.0.1', '::1']) {
      const client = await RawClient.open(portOf(broker), host);
      expect((await metadata(client)).brokers).toHaveLength(1);
      await client.close();
    }
  });
});

test('a topic takes records as soon as its creation is answered, on any connection', {
  timeout: deadlineMs,
}, async () => {
  await withBroker({ dataDir: freshDir() }, broker =>
    withClient(broker, admin =>
      withClient(broker, async producer => {
        for (let i = 0; i < 50; i++) {
          expect(await createTopic(admin, `topic-${i}`, 4)).toBe(0);
          expect(await produce(producer, `topic-${i}`, i % 4, 'v')).toEqual({ errorCode: 0, baseOffset: 0n });
        }
      }),
    ),
  );
});

test('topics, records and configurations outlive a restart; leader epochs grow', { timeout: deadlineMs }, async () => {
  const dataDir = freshDir();
  const before = await withBroker({ dataDir }, broker =>
    withClient(broker, async client => {
      expect(await createTopic(client, 'alpha', 2, { 'retention.ms': '1234567' })).toBe(0);
      expect(await produce(client, 'alpha', 1, 'first')).toEqual({ errorCode: 0, baseOffset: 0n });
      return { clusterId: broker.clusterId, topic: (await metadata(client, 'alpha')).topics[0]! };
    }),
  );
  for (const restart of [1, 2]) {
    await withBroker({ dataDir }, broker =>
      withClient(broker, async client => {
        expect(broker.clusterId).toBe(before.clusterId);
        const topic = (await metadata(client, 'alpha')).topics[0]!;
        expect(topic.topicId).toBe(before.topic.topicId);
        expect(topic.partitions.map(({ leaderEpoch, leaderId }) => [leaderEpoch, leaderId])).toEqual([
          [restart, 1],
          [restart, 1],
        ]);
        const next = await produce(client, 'alpha', 1, 'next');
        expect(next).toEqual({ errorCode: 0, baseOffset: BigInt(restart) });
        const described = await ask<DescribeConfigsResponse>(client, 32, 4, {
          resources: [{ resourceType: 2, resourceName: 'alpha', configurationKeys: ['retention.ms'] }],
        });
        expect(described.results[0]!.configs[0]!.value).toBe('1234567');
      }),
    );
  }
});

test('a deleted topic is gone for clients at once, and its name can be used again', {
  timeout: deadlineMs,
}, async () => {
  const dataDir = freshDir();
  await withBroker({ dataDir, config: { 'auto.create.topics.enable': 'false' } }, broker =>
    withClient(broker, async client => {
      for (let i = 0; i < 3; i++) {
        expect(await createTopic(client, 'alpha', 2)).toBe(0);
        expect(await produce(client, 'alpha', 0, 'v')).toEqual({ errorCode: 0, baseOffset: 0n });
        const deleted = await ask<DeleteTopicsResponse>(client, 20, 5, { topicNames: ['alpha'], timeoutMs: 30_000 });
        expect(deleted.responses[0]!.errorCode).toBe(0);
        expect((await metadata(client, 'alpha')).topics[0]!.errorCode).toBe(3);
        expect((await produce(client, 'alpha', 0, 'v')).errorCode).toBe(3);
      }
    }),
  );
  // A clean stop leaves no directory of a topic that is not there.
  expect(readdirSync(dataDir).filter(name => /^alpha-\d+$/.test(name))).toEqual([]);
});

test('a changed configuration acts when it is answered', { timeout: deadlineMs }, async () => {
  await withBroker({ dataDir: freshDir() }, broker =>
    withClient(broker, async client => {
      await createTopic(client, 'alpha');
      const configs = [{ name: 'max.message.bytes', configOperation: 0, value: '80' }];
      const altered = await ask<IncrementalAlterConfigsResponse>(client, 44, 1, {
        resources: [{ resourceType: 2, resourceName: 'alpha', configs }],
        validateOnly: false,
      });
      expect(altered.responses[0]!.errorCode).toBe(0);
      expect((await produce(client, 'alpha', 0, 'x'.repeat(200))).errorCode).toBe(10);
      expect((await produce(client, 'alpha', 0, 'x')).errorCode).toBe(0);
    }),
  );
});

test('producer ids are never handed out twice, restarts included', { timeout: deadlineMs }, async () => {
  const dataDir = freshDir();
  const seen = new Set<bigint>();
  for (let run = 0; run < 3; run++) {
    await withBroker({ dataDir }, broker =>
      withClient(broker, async client => {
        for (let i = 0; i < 5; i++) {
          const body = { transactionalId: null, transactionTimeoutMs: 1000 };
          const { errorCode, producerId } = await ask<InitProducerIdResponse>(client, 22, 4, body);
          expect(errorCode).toBe(0);
          expect(seen.has(producerId)).toBe(false);
          seen.add(producerId);
        }
      }),
    );
  }
});

test('several brokers live in one process, each for itself', { timeout: deadlineMs }, async () => {
  const brokers = await Promise.all([1, 2, 3].map(() => Broker.start({ dataDir: freshDir() })));
  try {
    expect(new Set(brokers.map(({ clusterId }) => clusterId)).size).toBe(3);
    for (const [i, broker] of brokers.entries()) {
      await withClient(broker, async client => {
        expect(await createTopic(client, `of-${i}`)).toBe(0);
        expect((await metadata(client, `of-${i}`, `of-${(i + 1) % 3}`)).topics.map(topic => topic.errorCode)).toEqual([
          0, 3,
        ]);
      });
    }
  } finally {
    await Promise.all(brokers.map(broker => broker.stop()));
  }
});

async function refusal(options: Parameters<typeof Broker.start>[0]): Promise<StartFailure> {
  try {
    await (await Broker.start(options)).stop();
  } catch (cause) {
    expect(cause).toBeInstanceOf(StartFailure);
    return cause as StartFailure;
  }
  throw new Error('the broker started');
}

test('a directory is used by one broker, and the second says so in one line', { timeout: deadlineMs }, async () => {
  const dataDir = freshDir();
  await withBroker({ dataDir }, async broker => {
    const { code, message } = await refusal({ dataDir });
    expect(code).toBe('LOCKED');
    expect(message).toContain(dataDir);
    expect(message).not.toContain('\n');
    await withClient(broker, async client => expect(await createTopic(client, 'unharmed')).toBe(0));
  });
  await withBroker({ dataDir }, async () => undefined);
});

test('a port in use is named in one line, and nothing is left behind', { timeout: deadlineMs }, async () => {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const dataDir = freshDir();
  const { code, message } = await refusal({ dataDir, port });
  expect(code).toBe('PORT_IN_USE');
  expect(message).toContain(String(port));
  expect(message).not.toContain('\n');
  expect(readdirSync(dataDir)).not.toContain('meta.properties');
  await new Promise(resolve => server.close(resolve));
  await withBroker({ dataDir, port }, async broker => expect(portOf(broker)).toBe(port));
});

test.each([
  ['a path through a file', 'IO', (dir: string) => join(dir, 'file', 'data')],
  ['a directory with something else in it', 'FORMAT', (dir: string) => dir],
])('%s cannot be used', async (_, code, dataDirOf) => {
  const dir = dirname(freshDir());
  writeFileSync(join(dir, 'file'), 'not ours');
  const failure = await refusal({ dataDir: dataDirOf(dir) });
  expect(failure.code).toBe(code);
  expect(failure.message).not.toContain('\n');
  expect(readdirSync(dir)).toEqual(['file']);
});

test.each([
  [{ 'num.partitons': '3' }, /num\.partitons.*did you mean num\.partitions/],
  [{ 'num.partitions': 'many' }, /num\.partitions/],
  [{ 'authorizer.class.name': 'x.Y' }, /authorizer\.class\.name/],
  [{ 'remote.log.storage.system.enable': 'true' }, /remote\.log\.storage\.system\.enable/],
  [{ listeners: 'SSL://localhost:0' }, /SSL/],
  [{ 'controller.quorum.voters': '1@a:1,2@b:2' }, /controller\.quorum\.voters/],
])('%j is refused before anything is written', async (config, words) => {
  const dataDir = freshDir();
  const { code, message } = await refusal({ dataDir, config: config as Record<string, string> });
  expect(code).toBe('CONFIG');
  expect(message).toMatch(words);
  expect(existsSync(dataDir)).toBe(false);
});

test('the log has a line for each fact of the life of a broker, and none for a request', {
  timeout: deadlineMs,
}, async () => {
  const log = new LogLines();
  const config = { 'num.io.threads': '3' };
  await withBroker({ dataDir: freshDir(), log, config }, broker =>
    withClient(broker, async client => {
      for (let i = 0; i < 20; i++) await metadata(client);
    }),
  );
  expect(log.lines).toEqual([
    'warn set, but not acting yet: num.io.threads',
    expect.stringMatching(/^info formatted /),
    expect.stringMatching(/^info node 1 of cluster .* is ready/),
    'info node 1 is stopping',
    'info node 1 has stopped',
  ]);
});

test('stopping twice is stopping once', { timeout: deadlineMs }, async () => {
  const broker = await Broker.start({ dataDir: freshDir() });
  await Promise.all([broker.stop(), broker.stop()]);
  await broker.stop();
});
