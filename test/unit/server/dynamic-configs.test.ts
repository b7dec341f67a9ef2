/** Broker configurations that change while the broker runs: stored, shown with their source, and acted by at once. */
import { expect, test } from 'vitest';
import { errorCode } from '../../../src/protocol/errors.ts';
import type { DescribeConfigsResponse } from '../../../src/protocol/messages/32-describe-configs.ts';
import type { IncrementalAlterConfigsResponse } from '../../../src/protocol/messages/44-incremental-alter-configs.ts';
import { describeConfigs } from '../../../src/server/handlers/32-describe-configs.ts';
import { incrementalAlterConfigs } from '../../../src/server/handlers/44-incremental-alter-configs.ts';
import { ask, nodeId, World } from './support.ts';

const brokerType = 4;
const topicType = 2;
const source = { topic: 1, dynamicBroker: 2, dynamicDefault: 3, broker: 4, default: 5 };
const set = 0;
const remove = 1;

async function alter(world: World, resourceName: string, ...changes: [name: string, value: string | null][]) {
  const answer = await ask<IncrementalAlterConfigsResponse>(incrementalAlterConfigs(world.services), 1, {
    resources: [
      {
        resourceType: brokerType,
        resourceName,
        configs: changes.map(([name, value]) => ({ name, value, configOperation: value === null ? remove : set })),
      },
    ],
    validateOnly: false,
  });
  const { errorCode: code, errorMessage: message } = answer.responses[0]!;
  return { code, message };
}

async function described(world: World, resourceType: number, resourceName: string) {
  const answer = await ask<DescribeConfigsResponse>(describeConfigs(world.services), 4, {
    resources: [{ resourceType, resourceName, configurationKeys: null }],
    includeSynonyms: true,
    includeDocumentation: false,
  });
  expect(answer.results[0]!.errorCode).toBe(errorCode.NONE);
  return new Map(answer.results[0]!.configs.map(config => [config.name, config]));
}

const ok = { code: errorCode.NONE, message: null };

test('a value for all brokers, one for this broker and one in the file: all are shown, the nearest acts', async () => {
  const world = new World({ 'message.max.bytes': '1000' });
  world.createTopic('plain');
  world.createTopic('own', 1, { 'max.message.bytes': '77' });
  const acting = (topic: string): number => world.live.logConfigOf(world.image, topic).maxMessageBytes;

  expect(await alter(world, '', ['message.max.bytes', '2000'])).toMatchObject({ code: errorCode.NONE });
  expect(acting('plain')).toBe(2000);
  expect(await alter(world, String(nodeId), ['message.max.bytes', '3000'])).toMatchObject({ code: errorCode.NONE });
  expect([acting('plain'), acting('own')]).toEqual([3000, 77]);

  const settings = [
    { name: 'message.max.bytes', value: '3000', source: source.dynamicBroker },
    { name: 'message.max.bytes', value: '2000', source: source.dynamicDefault },
    { name: 'message.max.bytes', value: '1000', source: source.broker },
    { name: 'message.max.bytes', value: '1048588', source: source.default },
  ];
  const ofBroker = (await described(world, brokerType, String(nodeId))).get('message.max.bytes');
  expect(ofBroker).toMatchObject({ value: '3000', configSource: source.dynamicBroker, synonyms: settings });
  const ofAll = await described(world, brokerType, '');
  expect([...ofAll.keys()]).toEqual(['message.max.bytes']);
  expect(ofAll.get('message.max.bytes')).toMatchObject({
    value: '2000',
    configSource: source.dynamicDefault,
    synonyms: [settings[1]],
  });
  const ofTopic = (await described(world, topicType, 'own')).get('max.message.bytes');
  expect(ofTopic!.synonyms.map(synonym => synonym.source)).toEqual([1, 2, 3, 4, 5]);

  expect(await alter(world, String(nodeId), ['message.max.bytes', null])).toEqual(ok);
  expect(acting('plain')).toBe(2000);
  expect(await alter(world, '', ['message.max.bytes', null])).toEqual(ok);
  expect(acting('plain')).toBe(1000);
  expect((await described(world, brokerType, '')).size).toBe(0);
});

test('what cannot change, does not act, is unknown or ill-typed is refused by name, and nothing is stored', async () => {
  const world = new World();
  for (const [broker, name, value, words] of [
    ['1', 'log.dirs', '/x', /Cannot update this config dynamically: log\.dirs/],
    ['1', 'max.connections', '5', /max\.connections while the broker runs is not served yet/],
    ['1', 'log.cleaner.threads', '2', /log\.cleaner\.threads while the broker runs is not served yet/],
    ['', 'listeners', 'PLAINTEXT://:1', /at the default cluster level/],
    ['1', 'no.such.thing', '5', /Unknown broker config name: no\.such\.thing/],
    ['1', 'log.retention.ms', 'soon', /Invalid value soon for configuration log\.retention\.ms/],
    ['', 'log.segment.bytes', '1', /log\.segment\.bytes/],
  ] as const) {
    const refused = await alter(world, broker, ['compression.type', 'zstd'], [name, value]);
    expect(refused, name).toEqual({ code: errorCode.INVALID_REQUEST, message: expect.stringMatching(words) });
  }
  expect((await described(world, brokerType, '1')).get('compression.type')).toMatchObject({ value: 'producer' });
  expect(world.image.configs.size).toBe(0);
});

test('configurations of groups and client metrics are refused in words, asked for or set', async () => {
  const world = new World();
  for (const [resourceType, words] of [
    [32, /groups are not served yet/],
    [16, /client metrics are not served yet/],
  ] as const) {
    const refusal = { errorCode: errorCode.INVALID_REQUEST, errorMessage: expect.stringMatching(words) };
    const configs = [{ name: 'consumer.session.timeout.ms', value: '50000', configOperation: set }];
    const altered = await ask<IncrementalAlterConfigsResponse>(incrementalAlterConfigs(world.services), 1, {
      resources: [{ resourceType, resourceName: 'some', configs }],
      validateOnly: false,
    });
    expect(altered.responses).toMatchObject([refusal]);
    const shown = await ask<DescribeConfigsResponse>(describeConfigs(world.services), 4, {
      resources: [{ resourceType, resourceName: 'some', configurationKeys: null }],
      includeSynonyms: false,
      includeDocumentation: false,
    });
    expect(shown.results).toMatchObject([refusal]);
  }
});

test('what another broker has stored and does not act here is left out, and named', () => {
  const world = new World({ 'message.max.bytes': '1000' });
  const stored = (resourceName: string, name: string, value: string) => ({
    type: 'config' as const,
    version: 0,
    data: { resourceType: brokerType, resourceName, name, value },
  });
  const records = [
    stored('', 'max.connections', '7'),
    stored(String(nodeId), 'message.max.bytes', 'many'),
    stored('2', 'message.max.bytes', '5'),
    stored('', 'log.segment.bytes', '3000000'),
  ];
  world.decideNow(() => ({ records, reply: undefined }));
  const config = world.live.at(world.image);
  expect(config.int('max.connections')).toBe(2_147_483_647);
  expect(config.int('message.max.bytes')).toBe(1000);
  expect(config.int('log.segment.bytes')).toBe(3_000_000);
  expect(world.live.idle(world.image)).toEqual(['max.connections', 'message.max.bytes']);
});
