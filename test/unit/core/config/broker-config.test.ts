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

test('with() overrides and leaves the original alone', () => {
  const { config } = read({ 'num.partitions': '2' });
  expect(config.with(new Map([['num.partitions', '5']])).int('num.partitions')).toBe(5);
  expect(config.int('num.partitions')).toBe(2);
});
