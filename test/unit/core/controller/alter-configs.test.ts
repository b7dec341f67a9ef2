import { expect, test } from 'vitest';
import { type AlterableConfig, alterConfigs, configOperation } from '../../../../src/core/controller/alter-configs.ts';
import { createTopics } from '../../../../src/core/controller/create-topics.ts';
import { configsOf, resourceType, topicConfigs } from '../../../../src/core/metadata/image.ts';
import { cluster, rules, settings, topic } from '../../../support/metadata.ts';

const { topic: topicType, broker } = resourceType;
const { set, append, subtract } = configOperation;
const op = (name: string, operation: number, value: string | null): AlterableConfig => ({
  name,
  configOperation: operation,
  value,
});

function alter(type: number, resourceName: string, configs: AlterableConfig[], validateOnly = false) {
  const decisions = cluster();
  const given = [{ name: 'retention.ms', value: '1' }];
  decisions.run(createTopics({ topics: [topic('t', { configs: given })], validateOnly: false }, settings, rules));
  const resource = { resourceType: type, resourceName, configs };
  const [result] = decisions.run(alterConfigs({ resources: [resource], validateOnly }, 1, rules));
  return { result, after: topicConfigs(decisions.image, 't'), decisions };
}

test('set, and unset', () => {
  expect(alter(topicType, 't', [op('retention.ms', set, '7')]).after).toEqual(new Map([['retention.ms', '7']]));
  const { result, after, decisions } = alter(topicType, 't', [op('retention.ms', configOperation.delete, null)]);
  expect(result).toEqual({ resourceType: topicType, resourceName: 't', error: 'NONE', message: null });
  expect(after.size).toBe(0);
  expect(decisions.delta!.configs).toEqual([{ type: topicType, name: 't' }]);
});

test('append starts from the default of a list; subtract takes away; neither doubles', () => {
  const policy = (...ops: AlterableConfig[]) => alter(topicType, 't', ops).after.get('cleanup.policy');
  expect(policy(op('cleanup.policy', append, 'compact'))).toBe('delete,compact');
  expect(policy(op('cleanup.policy', append, 'delete,delete'))).toBe('delete');
  expect(policy(op('cleanup.policy', subtract, 'delete'))).toBe('');
});

test('what does not change writes no record, except for brokers', () => {
  const same = alter(topicType, 't', [op('retention.ms', set, '1')]).decisions;
  expect(same.delta!.configs).toEqual([]);
  const { decisions } = alter(broker, '1', [op('x', configOperation.delete, null)]);
  expect(decisions.delta!.configs).toEqual([{ type: broker, name: '1' }]);
});

test('a broker and the default of all brokers', () => {
  expect(configsOf(alter(broker, '1', [op('x', set, 'y')]).decisions.image, broker, '1')).toEqual(
    new Map([['x', 'y']]),
  );
  expect(configsOf(alter(broker, '', [op('x', set, 'y')]).decisions.image, broker, '').size).toBe(1);
});

test.each<[string, number, string, AlterableConfig[], string]>([
  ['unknown topic', topicType, 'nope', [op('retention.ms', set, '1')], 'UNKNOWN_TOPIC_OR_PARTITION'],
  ['no topic name', topicType, '', [op('retention.ms', set, '1')], 'INVALID_REQUEST'],
  ['bad topic name', topicType, 'a b', [op('retention.ms', set, '1')], 'INVALID_TOPIC_EXCEPTION'],
  ['unknown key', topicType, 't', [op('nope', set, '1')], 'INVALID_CONFIG'],
  ['bad value', topicType, 't', [op('retention.ms', set, 'x')], 'INVALID_CONFIG'],
  ['append to a number', topicType, 't', [op('retention.ms', append, '1')], 'INVALID_CONFIG'],
  ['too long', topicType, 't', [op('cleanup.policy', set, 'x'.repeat(32_768))], 'INVALID_CONFIG'],
  ['key twice', topicType, 't', [op('retention.ms', set, '1'), op('retention.ms', set, '2')], 'INVALID_REQUEST'],
  ['null', topicType, 't', [op('retention.ms', set, null)], 'INVALID_REQUEST'],
  ['unknown operation', topicType, 't', [op('retention.ms', 9, '1')], 'UNKNOWN_SERVER_ERROR'],
  ['unknown operation on a broker', broker, '1', [op('x', 9, '1')], 'INVALID_REQUEST'],
  ['another broker', broker, '2', [op('x', set, 'y')], 'INVALID_REQUEST'],
  ['no broker id', broker, 'x', [op('x', set, 'y')], 'INVALID_REQUEST'],
  ['bad broker config', broker, '1', [op('bad', set, 'y')], 'INVALID_REQUEST'],
  ['unknown resource', 99, 't', [op('x', set, 'y')], 'INVALID_REQUEST'],
])('%s is refused and changes nothing', (_, type, name, configs, error) => {
  const { result, after, decisions } = alter(type, name, configs);
  expect(result!.error).toBe(error);
  expect(after).toEqual(new Map([['retention.ms', '1']]));
  expect(decisions.delta!.configs).toEqual([]);
});

test('validate only', () => {
  const { result, after } = alter(topicType, 't', [op('retention.ms', set, '7')], true);
  expect(result!.error).toBe('NONE');
  expect(after.get('retention.ms')).toBe('1');
});

test('a resource that comes twice fails in both places', () => {
  const resource = { resourceType: topicType, resourceName: 't', configs: [] };
  const results = cluster().run(alterConfigs({ resources: [resource, resource], validateOnly: false }, 1, rules));
  expect(results.map(({ message }) => message)).toEqual(Array(2).fill('Each resource must appear at most once.'));
});
