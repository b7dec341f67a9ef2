import { atLeast, between, betweenOr, type ConfigKey, key, oneOf, throttledReplicas } from './key.ts';

/**
 * Every topic configuration of Apache Kafka 4.3.1, and `write.caching`, which is ours (the word is Redpanda's).
 */
export const topicKeys: readonly ConfigKey[] = [
  key('cleanup.policy', 'list', 'delete', {
    rule: oneOf('compact', 'delete'),
    doc: 'delete drops old segments, compact keeps the last record of each key; both may be set.',
  }),
  key('compression.gzip.level', 'int', '-1', {
    rule: betweenOr(1, 9, -1),
    doc: 'The gzip level used when batches are re-compressed.',
  }),
  key('compression.lz4.level', 'int', '9', {
    rule: between(1, 17),
    doc: 'The lz4 level used when batches are re-compressed.',
  }),
  key('compression.type', 'string', 'producer', {
    rule: oneOf('uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'),
    doc: 'The codec batches are stored with; producer keeps what was sent.',
  }),
  key('compression.zstd.level', 'int', '3', {
    rule: between(-131072, 22),
    doc: 'The zstd level used when batches are re-compressed.',
  }),
  key('delete.retention.ms', 'long', '86400000', { rule: atLeast(0) }),
  key('file.delete.delay.ms', 'long', '60000', {
    rule: atLeast(0),
    doc: 'How long a file lives after it was marked as deleted.',
  }),
  key('flush.messages', 'long', '9223372036854775807', {
    rule: atLeast(1),
    doc: 'With write.caching, how many records may gather before they are synced; without, every acknowledged record is synced anyway.',
  }),
  key('flush.ms', 'long', '9223372036854775807', {
    rule: atLeast(0),
    doc: 'With write.caching, how long records may wait before they are synced; without, every acknowledged record is synced anyway.',
  }),
  key('follower.replication.throttled.replicas', 'list', '', { rule: throttledReplicas }),
  key('index.interval.bytes', 'int', '4096', {
    rule: atLeast(0),
    doc: 'How many bytes of log lie between two entries of the offset index.',
  }),
  key('internal.segment.bytes', 'int', null, { internal: true }),
  key('leader.replication.throttled.replicas', 'list', '', { rule: throttledReplicas }),
  key('local.retention.bytes', 'long', '-2', { rule: atLeast(-2) }),
  key('local.retention.ms', 'long', '-2', { rule: atLeast(-2) }),
  key('max.compaction.lag.ms', 'long', '9223372036854775807', { rule: atLeast(1) }),
  key('max.message.bytes', 'int', '1048588', {
    rule: atLeast(0),
    doc: 'The largest record batch the topic takes, as stored.',
  }),
  key('message.timestamp.after.max.ms', 'long', '3600000', {
    rule: atLeast(0),
    doc: 'How far a record may lie in the future.',
  }),
  key('message.timestamp.before.max.ms', 'long', '9223372036854775807', {
    rule: atLeast(0),
    doc: 'How far a record may lie in the past.',
  }),
  key('message.timestamp.type', 'string', 'CreateTime', {
    rule: oneOf('CreateTime', 'LogAppendTime'),
    doc: 'Whether the producer (CreateTime) or the broker (LogAppendTime) stamps records.',
  }),
  key('min.cleanable.dirty.ratio', 'double', '0.5', { rule: between(0, 1) }),
  key('min.compaction.lag.ms', 'long', '0', { rule: atLeast(0) }),
  key('min.insync.replicas', 'int', '1', {
    rule: atLeast(1),
    doc: 'How many replicas must be in sync for a produce with acks=all to be taken.',
  }),
  key('preallocate', 'boolean', 'false'),
  key('remote.log.copy.disable', 'boolean', 'false'),
  key('remote.log.delete.on.disable', 'boolean', 'false'),
  key('remote.storage.enable', 'boolean', 'false'),
  key('retention.bytes', 'long', '-1', {
    doc: 'The size a partition may have before its oldest segments go; -1 means any size.',
  }),
  key('retention.ms', 'long', '604800000', {
    rule: atLeast(-1),
    doc: 'How long a closed segment is kept; -1 keeps it for ever.',
  }),
  key('segment.bytes', 'int', '1073741824', {
    rule: atLeast(1048576),
    doc: 'The size at which a segment is closed and the next one begun.',
  }),
  key('segment.index.bytes', 'int', '10485760', {
    rule: atLeast(4),
    doc: 'The size at which an offset index counts as full and its segment is closed.',
  }),
  key('segment.jitter.ms', 'long', '0', { rule: atLeast(0), doc: 'The most that is taken at random off segment.ms.' }),
  key('segment.ms', 'long', '604800000', {
    rule: atLeast(1),
    doc: 'The age at which a segment is closed even if it is not full.',
  }),
  key('unclean.leader.election.enable', 'boolean', 'false'),
  key('write.caching', 'boolean', 'false', {
    doc: 'true answers acks=all and shows records before they are synced, as Apache Kafka does; false syncs first.',
  }),
];
