import { atLeast, type ConfigKey, key } from '../key.ts';

/** Transactions and idempotent producers. */
export const transactionKeys: readonly ConfigKey[] = [
  key('add.partitions.to.txn.retry.backoff.max.ms', 'int', '100', { rule: atLeast(0) }),
  key('add.partitions.to.txn.retry.backoff.ms', 'int', '20', { rule: atLeast(1) }),
  key('producer.id.expiration.check.interval.ms', 'int', '600000', { rule: atLeast(1), internal: true }),
  key('producer.id.expiration.ms', 'int', '86400000', {
    rule: atLeast(1),
    update: 'cluster-wide',
    doc: 'How long an idle producer id is remembered.',
  }),
  key('transaction.abort.timed.out.transaction.cleanup.interval.ms', 'int', '10000', { rule: atLeast(1) }),
  key('transaction.max.timeout.ms', 'int', '900000', { rule: atLeast(1) }),
  key('transaction.partition.verification.enable', 'boolean', 'true', { update: 'cluster-wide' }),
  key('transaction.remove.expired.transaction.cleanup.interval.ms', 'int', '3600000', { rule: atLeast(1) }),
  key('transaction.state.log.load.buffer.size', 'int', '5242880', { rule: atLeast(1) }),
  key('transaction.state.log.min.isr', 'int', '2', {
    rule: atLeast(1),
    doc: 'min.insync.replicas of __transaction_state when it is created.',
  }),
  key('transaction.state.log.num.partitions', 'int', '50', {
    rule: atLeast(1),
    doc: 'Partitions of __transaction_state when it is created.',
  }),
  key('transaction.state.log.replication.factor', 'short', '3', {
    rule: atLeast(1),
    doc: 'Replicas of __transaction_state when it is created.',
  }),
  key('transaction.state.log.segment.bytes', 'int', '104857600', {
    rule: atLeast(1),
    doc: 'Segment size of __transaction_state when it is created.',
  }),
  key('transaction.two.phase.commit.enable', 'boolean', 'false'),
  key('transactional.id.expiration.ms', 'int', '604800000', { rule: atLeast(1) }),
];
