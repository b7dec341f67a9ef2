import { atLeast, between, type ConfigKey, key, notEmpty } from '../key.ts';

/** Tiered storage (KIP-405). */
export const remoteLogKeys: readonly ConfigKey[] = [
  key('follower.fetch.last.tiered.offset.enable', 'boolean', 'false', { update: 'cluster-wide' }),
  key('remote.fetch.max.wait.ms', 'int', '500', { rule: atLeast(1), update: 'cluster-wide' }),
  key('remote.list.offsets.request.timeout.ms', 'long', '30000', { rule: atLeast(1), update: 'cluster-wide' }),
  key('remote.log.index.file.cache.total.size.bytes', 'long', '1073741824', {
    rule: atLeast(1),
    update: 'cluster-wide',
  }),
  key('remote.log.index.file.cache.ttl.ms', 'long', '900000', { rule: atLeast(-1), internal: true }),
  key('remote.log.manager.copier.thread.pool.size', 'int', '10', { rule: atLeast(1), update: 'cluster-wide' }),
  key('remote.log.manager.copy.max.bytes.per.second', 'long', '9223372036854775807', {
    rule: atLeast(1),
    update: 'cluster-wide',
  }),
  key('remote.log.manager.copy.quota.window.num', 'int', '11', { rule: atLeast(1) }),
  key('remote.log.manager.copy.quota.window.size.seconds', 'int', '1', { rule: atLeast(1) }),
  key('remote.log.manager.expiration.thread.pool.size', 'int', '10', { rule: atLeast(1), update: 'cluster-wide' }),
  key('remote.log.manager.fetch.max.bytes.per.second', 'long', '9223372036854775807', {
    rule: atLeast(1),
    update: 'cluster-wide',
  }),
  key('remote.log.manager.fetch.quota.window.num', 'int', '11', { rule: atLeast(1) }),
  key('remote.log.manager.fetch.quota.window.size.seconds', 'int', '1', { rule: atLeast(1) }),
  key('remote.log.manager.follower.thread.pool.size', 'int', '2', { rule: atLeast(1), update: 'cluster-wide' }),
  key('remote.log.manager.task.interval.ms', 'long', '30000', { rule: atLeast(1) }),
  key('remote.log.manager.task.retry.backoff.max.ms', 'long', '30000', { rule: atLeast(1), internal: true }),
  key('remote.log.manager.task.retry.backoff.ms', 'long', '500', { rule: atLeast(1), internal: true }),
  key('remote.log.manager.task.retry.jitter', 'double', '0.2', { rule: between(0, 0.5), internal: true }),
  key('remote.log.manager.thread.pool.size', 'int', '2', { rule: atLeast(1) }),
  key('remote.log.metadata.custom.metadata.max.bytes', 'int', '128', { rule: atLeast(0) }),
  key(
    'remote.log.metadata.manager.class.name',
    'string',
    'org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager',
    { rule: notEmpty },
  ),
  key('remote.log.metadata.manager.class.path', 'string', null),
  key('remote.log.metadata.manager.impl.prefix', 'string', 'rlmm.config.', { rule: notEmpty }),
  key('remote.log.metadata.manager.listener.name', 'string', null, { rule: notEmpty }),
  key('remote.log.reader.max.pending.tasks', 'int', '100', { rule: atLeast(1) }),
  key('remote.log.reader.threads', 'int', '10', { rule: atLeast(1), update: 'cluster-wide' }),
  key('remote.log.storage.manager.class.name', 'string', null, { rule: notEmpty }),
  key('remote.log.storage.manager.class.path', 'string', null),
  key('remote.log.storage.manager.impl.prefix', 'string', 'rsm.config.', { rule: notEmpty }),
  key('remote.log.storage.system.enable', 'boolean', 'false'),
];
