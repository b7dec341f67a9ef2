import { expect, test } from 'vitest';
import { BrokerConfig } from '../../../../src/core/config/broker-config.ts';

const read = (properties: Record<string, string>) => BrokerConfig.read(new Map(Object.entries(properties)));

test('what is not set has its default and its type', () => {
  const { config } = read({});
  expect(config.int('num.partitions')).toBe(1);
  expect(config.long('connections.max.idle.ms')).toBe(600_000n);
  expect(config.boolean('auto.create.topics.enable')).toBe(true);
  expect(config.list('listeners')).toEqual(['PLAINTEXT://:9092']);
  expect(config.optional('log.retention.ms')).toBeUndefined();
  expect(config.raw('log.retention.ms')).toBeNull();
});

test('a misspelt property is named with the nearest one', () => {
  const { findings } = read({ 'num.partitons': '3' });
  expect(findings.problems).toEqual([
    { key: 'num.partitons', message: 'Unknown property num.partitons; did you mean num.partitions?' },
  ]);
});

test('a property nothing is near to is only unknown', () => {
  expect(read({ 'zzz.yyy.xxx.www': '1' }).findings.problems[0]!.message).toBe('Unknown property zzz.yyy.xxx.www');
});

test.each([
  ['num.partitions', 'three', 'Not a number of type INT'],
  ['num.partitions', '0', 'Value must be at least 1'],
  ['num.partitions', '2147483648', 'Not a number of type INT'],
  ['delete.topic.enable', 'yes', 'Expected value to be either true or false'],
  ['compression.type', 'gzipp', 'String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer'],
  ['compression.gzip.level', '0', 'Value must be between 1 and 9 or equal to -1'],
  ['log.cleaner.min.cleanable.ratio', '1.5', 'Value must be no more than 1'],
])('%s=%s is refused: %s', (key, value, why) => {
  expect(read({ [key]: value }).findings.problems).toEqual([
    { key, message: `Invalid value ${value} for configuration ${key}: ${why}` },
  ]);
});

test('a known property that does not act is reported as idle, one that acts is not', () => {
  const { findings } = read({ 'num.io.threads': '8', 'num.partitions': '2' });
  expect(findings).toEqual({ problems: [], idle: ['num.io.threads'] });
});

test('a property of one listener is known by its plain name', () => {
  expect(read({ 'listener.name.internal.ssl.keystore.type': 'PEM' }).findings.problems).toEqual([]);
});

test('dynamic values come before the file, those of the broker before those of all, and leave the original alone', () => {
  const { config } = read({ 'message.max.bytes': '2' });
  const defaults = new Map([
    ['message.max.bytes', '3'],
    ['log.segment.bytes', '4000000'],
  ]);
  const dynamic = config.withDynamic(defaults, new Map([['message.max.bytes', '5']]));
  expect(dynamic.int('message.max.bytes')).toBe(5);
  expect(dynamic.int('log.segment.bytes')).toBe(4_000_000);
  expect(dynamic.settings('message.max.bytes')).toEqual([
    { value: '5', source: 'dynamicBroker' },
    { value: '3', source: 'dynamicDefault' },
    { value: '2', source: 'broker' },
  ]);
  expect(dynamic.withDynamic(new Map(), new Map()).int('message.max.bytes')).toBe(2);
  expect(config.int('message.max.bytes')).toBe(2);
});
