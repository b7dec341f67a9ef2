import { atLeast, type ConfigKey, key } from '../key.ts';

/** Listeners, connections, requests and the threads that serve them. */
export const networkKeys: readonly ConfigKey[] = [
  key('advertised.listeners', 'list', null, {
    doc: 'The endpoints clients are told to connect to; what is not set is taken from listeners.',
  }),
  key('background.threads', 'int', '10', { rule: atLeast(1), update: 'cluster-wide' }),
  key('connection.failed.authentication.delay.ms', 'int', '100', { rule: atLeast(0) }),
  key('connections.max.idle.ms', 'long', '600000', { doc: 'How long a connection may be silent before it is closed.' }),
  key('connections.max.reauth.ms', 'long', '0'),
  key('early.start.listeners', 'list', null),
  key('fetch.max.bytes', 'int', '57671680', {
    rule: atLeast(1024),
    doc: 'The most bytes a fetch answer holds, one batch excepted.',
  }),
  key('inter.broker.listener.name', 'string', null, { doc: 'The listener brokers use among themselves.' }),
  key(
    'listener.security.protocol.map',
    'string',
    'SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT',
    { update: 'per-broker', doc: 'Which security protocol each listener name speaks.' },
  ),
  key('listeners', 'list', 'PLAINTEXT://:9092', {
    update: 'per-broker',
    doc: 'The endpoints the broker binds, as NAME://host:port, separated by commas; an empty host binds all addresses.',
  }),
  key('max.connection.creation.rate', 'int', '2147483647', { rule: atLeast(0), update: 'cluster-wide' }),
  key('max.connections', 'int', '2147483647', {
    rule: atLeast(0),
    update: 'cluster-wide',
    doc: 'How many client connections are kept at once.',
  }),
  key('max.connections.per.ip', 'int', '2147483647', { rule: atLeast(0), update: 'cluster-wide' }),
  key('max.connections.per.ip.overrides', 'string', '', { update: 'cluster-wide' }),
  key('max.incremental.fetch.session.cache.slots', 'int', '1000', {
    rule: atLeast(0),
    doc: 'How many fetch sessions are remembered.',
  }),
  key('max.request.partition.size.limit', 'int', '2000', {
    rule: atLeast(1),
    doc: 'How many partitions one DescribeTopicPartitions answer holds.',
  }),
  key('num.io.threads', 'int', '8', { rule: atLeast(1), update: 'cluster-wide' }),
  key('num.network.threads', 'int', '3', { rule: atLeast(1), update: 'cluster-wide' }),
  key('queued.max.request.bytes', 'long', '-1', {
    doc: 'The memory that waiting requests may take; -1 means an eighth of the machine.',
  }),
  key('queued.max.requests', 'int', '500', { rule: atLeast(1) }),
  key('request.timeout.ms', 'int', '30000'),
  key('socket.connection.setup.timeout.max.ms', 'long', '30000'),
  key('socket.connection.setup.timeout.ms', 'long', '10000'),
  key('socket.listen.backlog.size', 'int', '50', {
    rule: atLeast(1),
    doc: 'The backlog of pending connections that is asked of the system.',
  }),
  key('socket.receive.buffer.bytes', 'int', '102400', {
    doc: "SO_RCVBUF of client connections; -1, or no value of one's own, leaves it to the system.",
  }),
  key('socket.request.max.bytes', 'int', '104857600', {
    rule: atLeast(1),
    doc: 'The largest request frame; a longer one closes its connection.',
  }),
  key('socket.send.buffer.bytes', 'int', '102400', {
    doc: "SO_SNDBUF of client connections; -1, or no value of one's own, leaves it to the system.",
  }),
  key('unstable.api.versions.enable', 'boolean', 'false', { internal: true }),
];
