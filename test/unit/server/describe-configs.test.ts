import { expect, test } from 'vitest';
import { brokerKeys } from '../../../src/core/config/broker-keys.ts';
import { errorCode } from '../../../src/protocol/errors.ts';
import type { DescribeConfigsResponse } from '../../../src/protocol/messages/32-describe-configs.ts';
import { describeConfigs } from '../../../src/server/handlers/32-describe-configs.ts';
import { ask, World } from './support.ts';

const source = { topic: 1, broker: 4, default: 5 };

async function describe(world: World, resourceType: number, resourceName: string, more: object = {}) {
  const { configurationKeys = null, ...rest } = more as { configurationKeys?: string[] };
  const answer = await ask<DescribeConfigsResponse>(describeConfigs(world.services), 4, {
    resources: [{ resourceType, resourceName, configurationKeys }],
    includeSynonyms: true,
    includeDocumentation: true,
    ...rest,
  });
  const result = answer.results[0]!;
  return { ...result, byName: new Map(result.configs.map(config => [config.name, config])) };
}

test('a topic shows its own values, those of the broker and defaults, each with its source', async () => {
  const world = new World({ 'log.segment.bytes': '5000000', 'log.retention.hours': '1' });
  world.createTopic('alpha', 1, { 'max.message.bytes': '77' });
  const { byName } = await describe(world, 2, 'alpha');
  expect(byName.get('max.message.bytes')).toMatchObject({
    value: '77',
    configSource: source.topic,
    configType: 3,
    synonyms: [
      { name: 'max.message.bytes', value: '77', source: source.topic },
      { name: 'message.max.bytes', value: '1048588', source: source.default },
    ],
  });
  expect(byName.get('segment.bytes')).toMatchObject({
    value: '5000000',
    configSource: source.broker,
    synonyms: [
      { name: 'log.segment.bytes', value: '5000000', source: source.broker },
      { name: 'log.segment.bytes', value: '1073741824', source: source.default },
    ],
  });
  // Kafka works the value out of the hours, and still calls it a default: it looks for log.retention.ms alone.
  expect(byName.get('retention.ms')).toMatchObject({ value: '3600000', configSource: source.default, synonyms: [] });
  expect(byName.get('cleanup.policy')).toMatchObject({ value: 'delete', configSource: source.default, configType: 7 });
});

test('keys that act are documented, keys that do not are not', async () => {
  const world = new World();
  world.createTopic('alpha');
  const { byName } = await describe(world, 2, 'alpha');
  expect(byName.get('retention.ms')!.documentation).toEqual(expect.any(String));
  expect(byName.get('remote.storage.enable')!.documentation).toBeNull();
});

test('a broker shows every key but the internal ones, passwords without their values', async () => {
  const world = new World({ 'ssl.key.password': 'hush-hush', 'num.partitions': '4' });
  const { configs, byName } = await describe(world, 4, '1');
  expect(configs).toHaveLength(brokerKeys.filter(key => !key.internal).length);
  expect(byName.get('ssl.key.password')).toMatchObject({ value: null, isSensitive: true });
  expect(JSON.stringify(configs).includes('hush-hush')).toBe(false);
  expect(byName.get('num.partitions')).toMatchObject({ value: '4', configSource: source.broker, readOnly: true });
  expect(byName.get('broker.id')).toMatchObject({ value: '1' });
  expect(byName.get('log.retention.ms')!.readOnly).toBe(false);
});

test('keys, synonyms and documentation come only when asked for', async () => {
  const world = new World();
  world.createTopic('alpha');
  const { configs } = await describe(world, 2, 'alpha', {
    configurationKeys: ['retention.ms', 'no.such.key'],
    includeSynonyms: false,
    includeDocumentation: false,
  });
  expect(configs.map(({ name, synonyms, documentation }) => [name, synonyms, documentation])).toEqual([
    ['retention.ms', [], null],
  ]);
});

test.each([
  ['an unknown topic', 2, 'missing', errorCode.UNKNOWN_TOPIC_OR_PARTITION],
  ['an impossible topic', 2, 'a b', errorCode.INVALID_TOPIC_EXCEPTION],
  ['another broker', 4, '2', errorCode.INVALID_REQUEST],
  ['a broker that is no number', 4, 'x', errorCode.INVALID_REQUEST],
  ['the loggers of no broker', 8, '', errorCode.INVALID_REQUEST],
  ['a resource of unknown type', 99, 'x', errorCode.INVALID_REQUEST],
])('%s is refused', async (_, type, name, code) => {
  expect((await describe(new World(), type, name)).errorCode).toBe(code);
});

test('the loggers and the dynamic defaults of brokers can be asked for', async () => {
  const world = new World();
  expect((await describe(world, 8, '1')).configs.map(({ name, value }) => [name, value])).toEqual([['root', 'INFO']]);
  expect((await describe(world, 4, '')).configs).toEqual([]);
});
