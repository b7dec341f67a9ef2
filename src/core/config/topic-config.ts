import type { BrokerConfig, SetSource } from './broker-config.ts';
import { type ConfigKey, type ConfigProblem, type ConfigValue, parseValue, required } from './key.ts';
import type { LogConfig } from './log-config.ts';
import { topicKeys } from './topic-keys.ts';
import { topicSynonyms } from './topic-synonyms.ts';

const keysByName: ReadonlyMap<string, ConfigKey> = new Map(topicKeys.map(key => [key.name, key]));

export function topicKey(name: string): ConfigKey | undefined {
  return keysByName.get(name);
}

/** Where the value of a topic's configuration comes from, as DescribeConfigs names it (KIP-226). */
export type ConfigSource = 'topic' | SetSource | 'default';

/**
 * Checks the configuration set on a topic, as CreateTopics and IncrementalAlterConfigs do: names, types, bounds and
 * what must hold between two of them. The first problem, or undefined. Its code is INVALID_CONFIG.
 */
export function topicConfigProblem(
  overrides: ReadonlyMap<string, string>,
  broker: BrokerConfig,
): ConfigProblem | undefined {
  for (const name of overrides.keys()) {
    if (!keysByName.has(name)) return { key: name, message: `Unknown topic config name: ${name}` };
  }
  for (const [name, text] of overrides) {
    const parsed = parseValue(keysByName.get(name)!, text);
    if ('problem' in parsed) return { key: name, message: parsed.problem };
  }
  return conflict(overrides, broker);
}

function conflict(overrides: ReadonlyMap<string, string>, broker: BrokerConfig): ConfigProblem | undefined {
  const min = effective('min.compaction.lag.ms', overrides, broker).value as bigint;
  const max = effective('max.compaction.lag.ms', overrides, broker).value as bigint;
  if (min > max) {
    return {
      key: 'min.compaction.lag.ms',
      message: `conflict topic config setting min.compaction.lag.ms (${min}) > max.compaction.lag.ms (${max})`,
    };
  }
  if (effective('remote.storage.enable', overrides, broker).value === true) {
    return {
      key: 'remote.storage.enable',
      message:
        'Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.',
    };
  }
  return undefined;
}

/** The value a topic acts by: its own, else the broker's (the first synonym that was set), else Kafka's default. */
export function effective(
  name: string,
  overrides: ReadonlyMap<string, string>,
  broker: BrokerConfig,
): { value: ConfigValue | undefined; text: string | null; source: ConfigSource } {
  const of = keysByName.get(name);
  if (!of) throw new Error(`${name} is no topic configuration`);
  const own = overrides.get(name);
  if (own !== undefined) return { value: typed(of, own), text: own, source: 'topic' };
  for (const { key, unitMs } of topicSynonyms[name] ?? []) {
    const [first] = broker.settings(key);
    if (first === undefined) continue;
    const converted = toTopicUnit(first.value.trim(), unitMs);
    return { value: typed(of, converted), text: converted, source: first.source };
  }
  const fallback = of.default === required ? null : of.default;
  return { value: fallback === null ? undefined : typed(of, fallback), text: fallback, source: 'default' };
}

/** A broker property in hours or minutes, as the milliseconds of its topic synonym; -1 stays "for ever". */
export function toTopicUnit(text: string, unitMs: bigint): string {
  if (unitMs === 1n) return text;
  const value = BigInt(text);
  return String(value < 0n ? -1n : value * unitMs);
}

function typed(of: ConfigKey, text: string): ConfigValue {
  const parsed = parseValue(of, text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.value;
}

/** The part of a topic's configuration that the data plane acts by. `overrides` must have passed topicConfigProblem. */
export function toLogConfig(overrides: ReadonlyMap<string, string>, broker: BrokerConfig): LogConfig {
  const of = <T extends ConfigValue>(name: string) => effective(name, overrides, broker).value as T;
  const cleanup = of<readonly string[]>('cleanup.policy');
  const testOnlySegmentBytes = effective('internal.segment.bytes', overrides, broker).value as number | undefined;
  return {
    segmentBytes: testOnlySegmentBytes ?? of<number>('segment.bytes'),
    segmentMs: of<bigint>('segment.ms'),
    segmentJitterMs: of<bigint>('segment.jitter.ms'),
    segmentIndexBytes: of<number>('segment.index.bytes'),
    indexIntervalBytes: of<number>('index.interval.bytes'),
    retentionMs: of<bigint>('retention.ms'),
    retentionBytes: of<bigint>('retention.bytes'),
    maxCompactionLagMs: of<bigint>('max.compaction.lag.ms'),
    fileDeleteDelayMs: of<bigint>('file.delete.delay.ms'),
    maxMessageBytes: of<number>('max.message.bytes'),
    minInsyncReplicas: of<number>('min.insync.replicas'),
    logAppendTime: of<string>('message.timestamp.type') === 'LogAppendTime',
    timestampBeforeMaxMs: of<bigint>('message.timestamp.before.max.ms'),
    timestampAfterMaxMs: of<bigint>('message.timestamp.after.max.ms'),
    compressionType: of<LogConfig['compressionType']>('compression.type'),
    compressionGzipLevel: of<number>('compression.gzip.level'),
    compressionLz4Level: of<number>('compression.lz4.level'),
    compressionZstdLevel: of<number>('compression.zstd.level'),
    compact: cleanup.includes('compact'),
    delete: cleanup.includes('delete'),
    flushMessages: of<bigint>('flush.messages'),
    flushMs: of<bigint>('flush.ms'),
    writeCaching: of<boolean>('write.caching'),
  };
}
