import { atLeast, type ConfigKey, key, oneOf, required } from '../key.ts';

/** The node, its roles, the metadata quorum and the log it keeps. */
export const metadataKeys: readonly ConfigKey[] = [
  key('alter.config.policy.class.name', 'class', null),
  key('broker.heartbeat.interval.ms', 'int', '2000'),
  key('broker.id', 'int', '-1'),
  key('broker.rack', 'string', null, { doc: 'The rack of this broker, as told to clients.' }),
  key('broker.session.timeout.ms', 'int', '9000'),
  key('controller.listener.names', 'list', required, {
    doc: 'The listeners of the controller; they are not advertised to clients.',
  }),
  key('controller.performance.always.log.threshold.ms', 'long', '2000', { rule: atLeast(0), internal: true }),
  key('controller.performance.sample.period.ms', 'long', '60000', { rule: atLeast(100), internal: true }),
  key('controller.quorum.append.linger.ms', 'int', '25', { rule: atLeast(0) }),
  key('controller.quorum.auto.join.enable', 'boolean', 'false'),
  key('controller.quorum.bootstrap.servers', 'list', ''),
  key('controller.quorum.election.backoff.max.ms', 'int', '1000', { rule: atLeast(0) }),
  key('controller.quorum.election.timeout.ms', 'int', '1000', { rule: atLeast(0) }),
  key('controller.quorum.fetch.max.bytes', 'int', '1048576', { rule: atLeast(1) }),
  key('controller.quorum.fetch.snapshot.max.bytes', 'int', '1048576', { rule: atLeast(1) }),
  key('controller.quorum.fetch.timeout.ms', 'int', '2000', { rule: atLeast(0) }),
  key('controller.quorum.request.timeout.ms', 'int', '2000', { rule: atLeast(0) }),
  key('controller.quorum.retry.backoff.ms', 'int', '20', { rule: atLeast(0) }),
  key('controller.quorum.voters', 'list', ''),
  key('controller.quota.window.num', 'int', '11', { rule: atLeast(1) }),
  key('controller.quota.window.size.seconds', 'int', '1', { rule: atLeast(1) }),
  key('controller.socket.timeout.ms', 'int', '30000'),
  key('initial.broker.registration.timeout.ms', 'int', '60000'),
  key('internal.metadata.delete.delay.millis', 'long', '60000', { internal: true }),
  key('internal.metadata.log.segment.bytes', 'int', null, { internal: true }),
  key('internal.metadata.max.batch.size.in.bytes', 'int', '8388608', { internal: true }),
  key('metadata.log.dir', 'string', null, {
    doc: 'The directory of the metadata log; the first log directory when not set.',
  }),
  key('metadata.log.max.record.bytes.between.snapshots', 'long', '20971520', {
    rule: atLeast(1),
    doc: 'How many bytes of new records call for a metadata snapshot.',
  }),
  key('metadata.log.max.snapshot.interval.ms', 'long', '3600000', {
    rule: atLeast(0),
    doc: 'How old the newest snapshot may grow while there are new records.',
  }),
  key('metadata.log.segment.bytes', 'int', '1073741824', {
    rule: atLeast(8388608),
    doc: 'The segment size of the metadata log.',
  }),
  key('metadata.log.segment.ms', 'long', '604800000', {
    doc: 'The age at which a segment of the metadata log is closed.',
  }),
  key('metadata.max.idle.interval.ms', 'int', '500', { rule: atLeast(0) }),
  key('metadata.max.retention.bytes', 'long', '104857600'),
  key('metadata.max.retention.ms', 'long', '604800000'),
  key('node.id', 'int', required, { rule: atLeast(0), doc: 'The number of this node in the cluster.' }),
  key('process.roles', 'list', required, {
    rule: oneOf('broker', 'controller'),
    doc: 'The roles of this process: broker, controller or both.',
  }),
  key('server.max.startup.time.ms', 'long', '9223372036854775807', { rule: atLeast(0), internal: true }),
  key('unstable.feature.versions.enable', 'boolean', 'false', { internal: true }),
];
