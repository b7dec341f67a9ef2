import { expect, test } from 'vitest';
import { BrokerConfig } from '../../../../src/core/config/broker-config.ts';
import { effective, toLogConfig, topicConfigProblem } from '../../../../src/core/config/topic-config.ts';

const broker = (properties: Record<string, string> = {}) =>
  BrokerConfig.read(new Map(Object.entries(properties))).config;
const topic = (overrides: Record<string, string> = {}) => new Map(Object.entries(overrides));

test('defaults are those of Apache Kafka 4.3.1, and durable', () => {
  expect(toLogConfig(topic(), broker())).toEqual({
    segmentBytes: 1 << 30,
    segmentMs: 604_800_000n,
    segmentJitterMs: 0n,
    segmentIndexBytes: 10_485_760,
    indexIntervalBytes: 4096,
    retentionMs: 604_800_000n,
    retentionBytes: -1n,
    maxCompactionLagMs: 9_223_372_036_854_775_807n,
    fileDeleteDelayMs: 60_000n,
    maxMessageBytes: 1_048_588,
    minInsyncReplicas: 1,
    logAppendTime: false,
    timestampBeforeMaxMs: 2n ** 63n - 1n,
    timestampAfterMaxMs: 3_600_000n,
    compressionType: 'producer',
    compressionGzipLevel: -1,
    compressionLz4Level: 9,
    compressionZstdLevel: 3,
    compact: false,
    delete: true,
    flushMessages: 2n ** 63n - 1n,
    flushMs: 2n ** 63n - 1n,
    writeCaching: false,
  });
});

test('the most precise broker synonym that is set wins, and hours become milliseconds', () => {
  const hours = broker({ 'log.retention.hours': '2' });
  expect(effective('retention.ms', topic(), hours)).toEqual({ value: 7_200_000n, text: '7200000', source: 'broker' });
  const both = broker({ 'log.retention.hours': '2', 'log.retention.ms': '5' });
  expect(effective('retention.ms', topic(), both).value).toBe(5n);
  expect(effective('retention.ms', topic(), broker({ 'log.retention.hours': '-1' })).value).toBe(-1n);
});

test('the topic overrides the broker', () => {
  const own = topic({ 'write.caching': 'true', 'cleanup.policy': 'compact,delete' });
  const log = toLogConfig(own, broker({ 'log.cleanup.policy': 'delete' }));
  expect(log).toMatchObject({ writeCaching: true, compact: true, delete: true });
  expect(toLogConfig(topic(), broker({ 'milena.write.caching': 'true' })).writeCaching).toBe(true);
});

test.each([
  [{ 'foo.bar': '1' }, 'Unknown topic config name: foo.bar'],
  [{ 'segment.bytes': '100' }, 'Invalid value 100 for configuration segment.bytes: Value must be at least 1048576'],
  [{ 'retention.ms': '' }, 'Invalid value  for configuration retention.ms: Not a number of type LONG'],
  [
    { 'min.compaction.lag.ms': '5', 'max.compaction.lag.ms': '3' },
    'conflict topic config setting min.compaction.lag.ms (5) > max.compaction.lag.ms (3)',
  ],
])('%j is refused: %s', (overrides, message) => {
  expect(topicConfigProblem(topic(overrides as Record<string, string>), broker())?.message).toBe(message);
});

test.each([
  { 'retention.ms': ' 5 ' },
  { 'cleanup.policy': '' },
  { 'cleanup.policy': 'compact,compact' },
  { 'compression.gzip.level': '-1' },
  { preallocate: 'TRUE' },
  { 'leader.replication.throttled.replicas': '0:1,1:2' },
])('%j is taken', overrides => {
  expect(topicConfigProblem(topic(overrides as unknown as Record<string, string>), broker())).toBeUndefined();
});
