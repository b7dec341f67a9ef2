import { atLeast, between, betweenOr, type ConfigKey, key, oneOf } from '../key.ts';

/** Logs: segments, retention, cleaning, and what topics inherit. */
export const logKeys: readonly ConfigKey[] = [
  key('auto.create.topics.enable', 'boolean', 'true', {
    doc: 'Whether a Metadata request that allows it creates the topics it names.',
  }),
  key('compression.gzip.level', 'int', '-1', {
    rule: betweenOr(1, 9, -1),
    update: 'cluster-wide',
    doc: 'The gzip level used when batches are re-compressed.',
  }),
  key('compression.lz4.level', 'int', '9', {
    rule: between(1, 17),
    update: 'cluster-wide',
    doc: 'The lz4 level used when batches are re-compressed.',
  }),
  key('compression.type', 'string', 'producer', {
    rule: oneOf('uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'),
    update: 'cluster-wide',
    doc: 'The codec batches are stored with; producer keeps what was sent.',
  }),
  key('compression.zstd.level', 'int', '3', {
    rule: between(-131072, 22),
    update: 'cluster-wide',
    doc: 'The zstd level used when batches are re-compressed.',
  }),
  key('cordoned.log.dirs', 'list', '', { update: 'per-broker' }),
  key('create.topic.policy.class.name', 'class', null),
  key('default.replication.factor', 'int', '1', { doc: 'Replicas of a topic that is created without a number.' }),
  key('delete.records.purgatory.purge.interval.requests', 'int', '1'),
  key('delete.topic.enable', 'boolean', 'true', { doc: 'Whether topics can be deleted.' }),
  key('fetch.purgatory.purge.interval.requests', 'int', '1000'),
  key('log.cleaner.backoff.ms', 'long', '15000', {
    rule: atLeast(0),
    update: 'cluster-wide',
    doc: 'How long a cleaner rests when there was nothing to clean.',
  }),
  key('log.cleaner.dedupe.buffer.size', 'long', '134217728', {
    update: 'cluster-wide',
    doc: 'Memory for the map of keys, of all cleaner threads of a log directory together.',
  }),
  key('log.cleaner.delete.retention.ms', 'long', '86400000', {
    rule: atLeast(0),
    update: 'cluster-wide',
    doc: 'How long tombstones and markers of compacted topics stay after they were first cleaned.',
  }),
  key('log.cleaner.enable', 'boolean', 'true', { doc: 'Whether topics with cleanup.policy compact are cleaned.' }),
  key('log.cleaner.io.buffer.load.factor', 'double', '0.9', {
    update: 'cluster-wide',
    doc: 'How full the map of keys may become, as a part of 1.',
  }),
  key('log.cleaner.io.buffer.size', 'int', '524288', { rule: atLeast(0), update: 'cluster-wide' }),
  key('log.cleaner.io.max.bytes.per.second', 'double', '1.7976931348623157E308', {
    update: 'cluster-wide',
    doc: 'What a cleaner thread may read and write a second, in bytes.',
  }),
  key('log.cleaner.max.compaction.lag.ms', 'long', '9223372036854775807', {
    rule: atLeast(1),
    update: 'cluster-wide',
    doc: 'How long a record of a compacted topic may stay uncleaned.',
  }),
  key('log.cleaner.min.cleanable.ratio', 'double', '0.5', {
    rule: between(0, 1),
    update: 'cluster-wide',
    doc: 'Which part of a log must be dirty before it is cleaned.',
  }),
  key('log.cleaner.min.compaction.lag.ms', 'long', '0', {
    rule: atLeast(0),
    update: 'cluster-wide',
    doc: 'How long a record of a compacted topic stays as it is at least.',
  }),
  key('log.cleaner.threads', 'int', '1', {
    rule: atLeast(0),
    update: 'cluster-wide',
    doc: 'Cleaner threads of each log directory.',
  }),
  key('log.cleanup.policy', 'list', 'delete', {
    rule: oneOf('compact', 'delete'),
    update: 'cluster-wide',
    doc: 'Whether old segments are deleted, compacted, or both.',
  }),
  key('log.dir', 'list', '/tmp/kafka-logs', { doc: 'The directory that holds the logs when log.dirs is not set.' }),
  key('log.dir.failure.timeout.ms', 'long', '30000', { rule: atLeast(1) }),
  key('log.dirs', 'list', null, { doc: 'The directories that hold the logs, separated by commas.' }),
  key('log.flush.interval.messages', 'long', '9223372036854775807', {
    rule: atLeast(1),
    update: 'cluster-wide',
    doc: 'How many records may gather on a write.caching topic before they are synced.',
  }),
  key('log.flush.interval.ms', 'long', null, {
    update: 'cluster-wide',
    doc: 'How long records may wait on a write.caching topic before they are synced.',
  }),
  key('log.flush.offset.checkpoint.interval.ms', 'int', '60000', {
    rule: atLeast(0),
    doc: 'How often the recovery points are written down.',
  }),
  key('log.flush.scheduler.interval.ms', 'long', '9223372036854775807'),
  key('log.flush.start.offset.checkpoint.interval.ms', 'int', '60000', { rule: atLeast(0) }),
  key('log.index.interval.bytes', 'int', '4096', {
    rule: atLeast(0),
    update: 'cluster-wide',
    doc: 'How many bytes of log lie between two entries of the offset index.',
  }),
  key('log.index.size.max.bytes', 'int', '10485760', {
    rule: atLeast(4),
    update: 'cluster-wide',
    doc: 'The size at which an offset index counts as full and its segment is closed.',
  }),
  key('log.initial.task.delay.ms', 'long', '30000', { rule: atLeast(0), internal: true }),
  key('log.local.retention.bytes', 'long', '-2', { rule: atLeast(-2), update: 'cluster-wide' }),
  key('log.local.retention.ms', 'long', '-2', { rule: atLeast(-2), update: 'cluster-wide' }),
  key('log.message.timestamp.after.max.ms', 'long', '3600000', {
    rule: atLeast(0),
    update: 'cluster-wide',
    doc: 'How far a record may lie in the future.',
  }),
  key('log.message.timestamp.before.max.ms', 'long', '9223372036854775807', {
    rule: atLeast(0),
    update: 'cluster-wide',
    doc: 'How far a record may lie in the past.',
  }),
  key('log.message.timestamp.type', 'string', 'CreateTime', {
    rule: oneOf('CreateTime', 'LogAppendTime'),
    update: 'cluster-wide',
    doc: 'Whether the producer (CreateTime) or the broker (LogAppendTime) stamps records.',
  }),
  key('log.preallocate', 'boolean', 'false', { update: 'cluster-wide' }),
  key('log.retention.bytes', 'long', '-1', {
    update: 'cluster-wide',
    doc: 'The size a partition may have before its oldest segments go; -1 means any size.',
  }),
  key('log.retention.check.interval.ms', 'long', '300000', {
    rule: atLeast(1),
    doc: 'How often segments are looked at for deletion.',
  }),
  key('log.retention.hours', 'int', '168', {
    doc: 'As log.retention.ms, in hours; used when neither of the others is set.',
  }),
  key('log.retention.minutes', 'int', null, { doc: 'As log.retention.ms, in minutes; used when that is not set.' }),
  key('log.retention.ms', 'long', null, {
    update: 'cluster-wide',
    doc: 'How long a closed segment is kept; -1 keeps it for ever.',
  }),
  key('log.roll.hours', 'int', '168', {
    rule: atLeast(1),
    doc: 'As log.roll.ms, in hours; used when that is not set.',
  }),
  key('log.roll.jitter.hours', 'int', '0', {
    rule: atLeast(0),
    doc: 'As log.roll.jitter.ms, in hours; used when that is not set.',
  }),
  key('log.roll.jitter.ms', 'long', null, {
    update: 'cluster-wide',
    doc: 'The most that is taken at random off the age at which segments are closed.',
  }),
  key('log.roll.ms', 'long', null, {
    update: 'cluster-wide',
    doc: 'The age at which a segment is closed even if it is not full.',
  }),
  key('log.segment.bytes', 'int', '1073741824', {
    rule: atLeast(1048576),
    update: 'cluster-wide',
    doc: 'The size at which a log segment is closed and the next one begun.',
  }),
  key('log.segment.delete.delay.ms', 'long', '60000', {
    rule: atLeast(0),
    update: 'cluster-wide',
    doc: 'How long a file lives after it was marked as deleted.',
  }),
  key('message.max.bytes', 'int', '1048588', {
    rule: atLeast(0),
    update: 'cluster-wide',
    doc: 'The largest record batch a topic takes unless its max.message.bytes says otherwise.',
  }),
  key('num.partitions', 'int', '1', {
    rule: atLeast(1),
    doc: 'Partitions of a topic that is created without a number.',
  }),
  key('num.recovery.threads.per.data.dir', 'int', '2', {
    rule: atLeast(1),
    update: 'cluster-wide',
    doc: 'Threads that open and recover the logs of one directory at start.',
  }),
  key('producer.purgatory.purge.interval.requests', 'int', '1000'),
];
