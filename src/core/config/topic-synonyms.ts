/** A broker property that gives a topic configuration its default, and the milliseconds of its unit (1 where equal). */
export interface Synonym {
  readonly key: string;
  readonly unitMs: bigint;
}

const hour = 3_600_000n;
const minute = 60_000n;
const same = (...keys: readonly string[]): readonly Synonym[] => keys.map(key => ({ key, unitMs: 1n }));

/** Topic configuration -> broker properties in order of precedence, as in Kafka's documentation of topic configs. */
export const topicSynonyms: Readonly<Record<string, readonly Synonym[]>> = {
  'segment.bytes': same('log.segment.bytes'),
  'segment.ms': [...same('log.roll.ms'), { key: 'log.roll.hours', unitMs: hour }],
  'segment.jitter.ms': [...same('log.roll.jitter.ms'), { key: 'log.roll.jitter.hours', unitMs: hour }],
  'segment.index.bytes': same('log.index.size.max.bytes'),
  'flush.messages': same('log.flush.interval.messages'),
  'flush.ms': same('log.flush.interval.ms', 'log.flush.scheduler.interval.ms'),
  'retention.bytes': same('log.retention.bytes'),
  'retention.ms': [
    ...same('log.retention.ms'),
    { key: 'log.retention.minutes', unitMs: minute },
    { key: 'log.retention.hours', unitMs: hour },
  ],
  'max.message.bytes': same('message.max.bytes'),
  'index.interval.bytes': same('log.index.interval.bytes'),
  'delete.retention.ms': same('log.cleaner.delete.retention.ms'),
  'min.compaction.lag.ms': same('log.cleaner.min.compaction.lag.ms'),
  'max.compaction.lag.ms': same('log.cleaner.max.compaction.lag.ms'),
  'file.delete.delay.ms': same('log.segment.delete.delay.ms'),
  'min.cleanable.dirty.ratio': same('log.cleaner.min.cleanable.ratio'),
  'cleanup.policy': same('log.cleanup.policy'),
  'unclean.leader.election.enable': same('unclean.leader.election.enable'),
  'min.insync.replicas': same('min.insync.replicas'),
  'compression.type': same('compression.type'),
  'compression.gzip.level': same('compression.gzip.level'),
  'compression.lz4.level': same('compression.lz4.level'),
  'compression.zstd.level': same('compression.zstd.level'),
  preallocate: same('log.preallocate'),
  'message.timestamp.type': same('log.message.timestamp.type'),
  'message.timestamp.before.max.ms': same('log.message.timestamp.before.max.ms'),
  'message.timestamp.after.max.ms': same('log.message.timestamp.after.max.ms'),
  'local.retention.ms': same('log.local.retention.ms'),
  'local.retention.bytes': same('log.local.retention.bytes'),
  'write.caching': same('milena.write.caching'),
};
