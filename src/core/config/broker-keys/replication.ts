import { atLeast, type ConfigKey, key } from '../key.ts';

/** Replicas, leaders, and how both move. */
export const replicationKeys: readonly ConfigKey[] = [
  key('alter.log.dirs.replication.quota.window.num', 'int', '11', { rule: atLeast(1) }),
  key('alter.log.dirs.replication.quota.window.size.seconds', 'int', '1', { rule: atLeast(1) }),
  key('auto.leader.rebalance.enable', 'boolean', 'true'),
  key('controlled.shutdown.enable', 'boolean', 'true'),
  key('leader.imbalance.check.interval.seconds', 'long', '300', { rule: atLeast(1) }),
  key('min.insync.replicas', 'int', '1', {
    rule: atLeast(1),
    update: 'cluster-wide',
    doc: 'How many replicas must be in sync for a produce with acks=all to be taken.',
  }),
  key('num.replica.alter.log.dirs.threads', 'int', null),
  key('num.replica.fetchers', 'int', '1', { rule: atLeast(1), update: 'cluster-wide' }),
  key('replica.fetch.backoff.ms', 'int', '1000', { rule: atLeast(0) }),
  key('replica.fetch.max.bytes', 'int', '1048576', { rule: atLeast(0) }),
  key('replica.fetch.min.bytes', 'int', '1'),
  key('replica.fetch.response.max.bytes', 'int', '10485760', { rule: atLeast(0) }),
  key('replica.fetch.wait.max.ms', 'int', '500'),
  key('replica.high.watermark.checkpoint.interval.ms', 'long', '5000'),
  key('replica.lag.time.max.ms', 'long', '30000'),
  key('replica.selector.class', 'string', null),
  key('replica.socket.receive.buffer.bytes', 'int', '65536'),
  key('replica.socket.timeout.ms', 'int', '30000'),
  key('replication.quota.window.num', 'int', '11', { rule: atLeast(1) }),
  key('replication.quota.window.size.seconds', 'int', '1', { rule: atLeast(1) }),
  key('unclean.leader.election.enable', 'boolean', 'false', { update: 'cluster-wide' }),
  key('unclean.leader.election.interval.ms', 'long', '300000', { rule: atLeast(1), internal: true }),
];
