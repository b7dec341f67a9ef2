import { expect, test } from 'vitest';
import { BrokerConfig } from '../../src/core/config/broker-config.ts';
import { groupSettings } from '../../src/node-coordinators.ts';

const read = (properties: Readonly<Record<string, string>>) => BrokerConfig.read(new Map(Object.entries(properties)));

test("groups are set up by Kafka's properties, in Kafka's units", () => {
  expect(groupSettings(read({}).config)).toEqual({
    maxSize: 2_147_483_647,
    minSessionTimeoutMs: 6_000,
    maxSessionTimeoutMs: 1_800_000,
    initialRebalanceDelayMs: 3_000,
    offsetMetadataMaxBytes: 4_096,
    offsetsRetentionMs: 604_800_000n,
    offsetsRetentionCheckIntervalMs: 600_000,
  });
  const { config, findings } = read({
    'group.max.size': '7',
    'group.min.session.timeout.ms': '1',
    'group.max.session.timeout.ms': '2',
    'group.initial.rebalance.delay.ms': '3',
    'offset.metadata.max.bytes': '4',
    'offsets.retention.minutes': '5',
    'offsets.retention.check.interval.ms': '6',
    'offsets.commit.timeout.ms': '7',
    'offsets.load.buffer.size': '8',
  });
  expect(groupSettings(config)).toEqual({
    maxSize: 7,
    minSessionTimeoutMs: 1,
    maxSessionTimeoutMs: 2,
    initialRebalanceDelayMs: 3,
    offsetMetadataMaxBytes: 4,
    offsetsRetentionMs: 300_000n,
    offsetsRetentionCheckIntervalMs: 6,
  });
  expect(findings).toEqual({ problems: [], idle: [] });
});

test('what does not act is named', () => {
  const idle = [
    'group.coordinator.append.linger.ms',
    'group.coordinator.cached.buffer.max.bytes',
    'group.coordinator.threads',
    'group.coordinator.rebalance.protocols',
    'offsets.topic.compression.codec',
  ];
  const values = ['5', '1048588', '2', 'classic', '1'];
  const { findings } = read(Object.fromEntries(idle.map((name, i) => [name, values[i]!])));
  expect(findings).toEqual({ problems: [], idle });
});
