/**
 * Dynamic broker configurations, live against Apache Kafka and Milena: the same changes are made on both, then the same is described. Where Milena refuses what
 * Kafka takes, because it does not act here, is part of the table.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeResponse } from '../../src/protocol/frame.ts';
import {
  DescribeConfigsRequest,
  type DescribeConfigsResponse,
} from '../../src/protocol/messages/32-describe-configs.ts';
import {
  IncrementalAlterConfigsRequest,
  type IncrementalAlterConfigsResponse,
} from '../../src/protocol/messages/44-incremental-alter-configs.ts';
import { createTopics } from '../answers/play.ts';
import { ask, servedApi } from '../answers/suite.ts';
import type { ProcessPeer } from '../support/peer.ts';
import { RawClient } from '../support/raw-client.ts';
import { SINGLE_NODE, startKafka } from './support/kafka.ts';
import { startMilena } from './support/milena.ts';

const FILE = { 'message.max.bytes': '1000000' };
const BROKER = 4;
const TOPIC = 2;
const ALTER_VERSION = 1;
const DESCRIBE_VERSION = 4;
const INVALID_REQUEST = 42;
const operation = { set: 0, delete: 1, append: 2, subtract: 3 };

let peers: readonly ProcessPeer[] = [];
const clients: RawClient[] = [];
beforeAll(async () => {
  peers = await Promise.all([startKafka({ config: FILE }), startMilena({ config: { ...SINGLE_NODE, ...FILE } })]);
  for (const peer of peers) {
    const client = await RawClient.open(peer.port);
    await createTopics(client, [{ name: 'topic', config: { 'segment.bytes': '2000000' } }]);
    clients.push(client);
  }
});
afterAll(async () => {
  for (const client of clients) await client.close();
  await Promise.all(peers.map(peer => peer.stop()));
});

type Change = readonly [broker: string, name: string, how: keyof typeof operation, value: string | null];

const alter = ([resourceName, name, how, value]: Change): Promise<number[]> =>
  Promise.all(
    clients.map(async client => {
      const frame = ask(IncrementalAlterConfigsRequest, ALTER_VERSION, {
        resources: [
          { resourceType: BROKER, resourceName, configs: [{ name, value, configOperation: operation[how] }] },
        ],
        validateOnly: false,
      });
      const answer = decodeResponse(servedApi(IncrementalAlterConfigsRequest), ALTER_VERSION, await client.call(frame));
      return (answer.body as IncrementalAlterConfigsResponse).responses[0]!.errorCode;
    }),
  );

/** Everything but the words that explain, which are each broker's own; undefined keys mean all. */
async function described(client: RawClient, type: number, name: string, keys: string[] | null) {
  const frame = ask(DescribeConfigsRequest, DESCRIBE_VERSION, {
    resources: [{ resourceType: type, resourceName: name, configurationKeys: keys }],
    includeSynonyms: true,
    includeDocumentation: false,
  });
  const answer = decodeResponse(servedApi(DescribeConfigsRequest), DESCRIBE_VERSION, await client.call(frame));
  const { configs } = (answer.body as DescribeConfigsResponse).results[0]!;
  return [...configs].sort((a, b) => (a.name < b.name ? -1 : 1));
}

const keys = ['message.max.bytes', 'log.retention.ms', 'log.retention.hours', 'log.segment.bytes', 'compression.type'];
const topicKeys = ['max.message.bytes', 'retention.ms', 'segment.bytes', 'compression.type', 'cleanup.policy'];

const everything = async (client: RawClient) => ({
  broker: await described(client, BROKER, '1', keys),
  allBrokers: await described(client, BROKER, '', null),
  topic: await described(client, TOPIC, 'topic', topicKeys),
});

/** Kafka's broker shows a change when it has replayed it, which is after the answer: it is asked until it agrees or the deadline has passed. */
async function expectSameDescriptions(): Promise<void> {
  const [kafka, milena] = clients as [RawClient, RawClient];
  const ours = await everything(milena);
  await expect.poll(() => everything(kafka), { timeout: 30_000, interval: 100 }).toEqual(ours);
}

const changes: readonly Change[] = [
  ['', 'message.max.bytes', 'set', '2000000'],
  ['1', 'message.max.bytes', 'set', '3000000'],
  ['', 'log.retention.ms', 'set', '86400000'],
  ['1', 'log.segment.bytes', 'set', '30000000'],
  ['', 'compression.type', 'set', 'zstd'],
  ['', 'log.cleanup.policy', 'append', 'compact'],
  ['', 'log.cleanup.policy', 'subtract', 'delete'],
  ['1', 'message.max.bytes', 'delete', null],
  ['1', 'message.max.bytes', 'delete', null],
  ['', 'message.max.bytes', 'set', '2000000'],
  ['', 'log.retention.ms', 'delete', null],
  ['', 'log.cleanup.policy', 'delete', null],
  ['1', 'log.segment.bytes', 'delete', null],
];

test('the same changes are taken, and the same is shown', async () => {
  await expectSameDescriptions();
  for (const change of changes) {
    expect(await alter(change), change.join(' ')).toEqual([0, 0]);
    await expectSameDescriptions();
  }
});

test('the same is refused', async () => {
  const refused: readonly Change[] = [
    ['1', 'log.dirs', 'set', '/x'],
    ['', 'node.id', 'set', '5'],
    ['1', 'log.retention.ms', 'set', 'soon'],
    ['', 'log.segment.bytes', 'set', '1'],
    ['1', 'compression.type', 'set', 'brotli'],
    ['', 'ssl.keystore.location', 'set', '/x'],
    ['2', 'compression.type', 'set', 'zstd'],
    ['x', 'compression.type', 'set', 'zstd'],
    ['1', 'compression.type', 'set', null],
  ];
  for (const change of refused) {
    expect(await alter(change), change.join(' ')).toEqual([INVALID_REQUEST, INVALID_REQUEST]);
  }
  await expectSameDescriptions();
});

test('what Kafka takes and Milena does not act by is refused, not stored', async () => {
  for (const change of [
    ['1', 'max.connections', 'set', '2147483646'],
    ['', 'log.cleaner.threads', 'set', '1'],
    ['1', 'some.plugin.of.ours', 'set', '1'],
  ] as const) {
    expect(await alter(change), change.join(' ')).toEqual([0, INVALID_REQUEST]);
  }
});
