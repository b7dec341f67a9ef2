// Reads what a node needs of its properties, and refuses what this broker cannot honour where ignoring it would cost
// security or durability.
import { availableParallelism, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { BrokerConfig } from './core/config/broker-config.ts';
import type { DataPlaneOptions } from './runtime/ports.ts';
import { type ListenerPlan, listOf, readListeners } from './server/listeners.ts';
import type { Log } from './server/log.ts';
import { StartFailure } from './server/start-failure.ts';
import { singleNodeDefaults } from './single-node.ts';

export interface NodeConfig {
  readonly config: BrokerConfig;
  readonly nodeId: number;
  readonly listeners: readonly ListenerPlan[];
  readonly plane: DataPlaneOptions;
}

/** Of an eighth of the machine's memory, as many bytes may wait as requests. */
const requestMemoryShare = 8;

/** Throws StartFailure CONFIG; what is set without effect is named in one line of the log. */
export function readNodeConfig(properties: ReadonlyMap<string, string>, log: Log, embedded: boolean): NodeConfig {
  const { config, findings } = BrokerConfig.read(properties);
  if (findings.problems.length > 0) {
    throw new StartFailure('CONFIG', findings.problems.map(({ message }) => message).join('\n'));
  }
  refuseUnserved(config);
  // What a single node sets by itself is nothing to tell its operator.
  const idle = findings.idle.filter(name => singleNodeDefaults.get(name) !== properties.get(name));
  if (idle.length > 0) log.warn(`set, but not acting yet: ${idle.join(', ')}`);
  const nodeId = nodeIdOf(config);
  return { config, nodeId, listeners: readListeners(config), plane: planeOptions(config, nodeId, embedded) };
}

function nodeIdOf(config: BrokerConfig): number {
  const nodeId = config.optional('node.id');
  const brokerId = config.isSet('broker.id') ? config.int('broker.id') : undefined;
  if (nodeId !== undefined && brokerId !== undefined && nodeId !== brokerId) {
    throw new StartFailure('CONFIG', `node.id is ${String(nodeId)} and broker.id ${brokerId}; they are one property`);
  }
  const id = nodeId ?? brokerId;
  if (typeof id !== 'number') throw new StartFailure('CONFIG', 'node.id is not set; a single node may say node.id=1');
  return id;
}

function refuseUnserved(config: BrokerConfig): void {
  const refuse = (why: string): never => {
    throw new StartFailure('CONFIG', why);
  };
  const authorizer = config.text('authorizer.class.name');
  if (authorizer !== '')
    refuse(`authorizer.class.name is ${authorizer}: permissions are not served yet, so nobody starts`);
  if (config.boolean('remote.log.storage.system.enable')) {
    refuse('remote.log.storage.system.enable is true: tiered storage is not served yet');
  }
  const roles = listOf(config, 'process.roles');
  if (roles.length > 0 && !(roles.includes('broker') && roles.includes('controller'))) {
    refuse(`process.roles is ${roles.join(',')}: clusters are not served yet; a single node is broker,controller`);
  }
  const voters = listOf(config, 'controller.quorum.voters');
  if (voters.length > 1) refuse(`controller.quorum.voters names ${voters.length} nodes: clusters are not served yet`);
}

/** Absolute, in the order given, each once. */
function logDirsOf(config: BrokerConfig): string[] {
  const given = listOf(config, 'log.dirs');
  const paths = (given.length > 0 ? given : config.list('log.dir')).filter(path => path !== '');
  return [...new Set(paths.map(path => resolve(path)))];
}

function planeOptions(config: BrokerConfig, nodeId: number, embedded: boolean): DataPlaneOptions {
  const logDirs = logDirsOf(config);
  const reactors = config.int('milena.reactors');
  const mode = config.text('milena.append.mode');
  const requestBytes = Number(config.long('queued.max.request.bytes'));
  return {
    nodeId,
    logDirs,
    reactors: reactors > 0 ? reactors : embedded ? 1 : availableParallelism(),
    // With several directories a hung disk must stall its own partitions only.
    appendMode: mode === 'inline' || mode === 'lane' ? mode : logDirs.length > 1 ? 'lane' : 'inline',
    appendBackend: config.text('milena.append.backend') === 'io_uring' ? 'io_uring' : 'pwritev',
    syncBackend: syncBackend(config.text('milena.sync.backend')),
    queuedMaxRequestBytes: requestBytes > 0 ? requestBytes : Math.floor(totalmem() / requestMemoryShare),
    socketRequestMaxBytes: config.int('socket.request.max.bytes'),
    connectionsMaxIdleMs: Number(config.long('connections.max.idle.ms')),
    maxConnections: config.int('max.connections'),
    socketSendBufferBytes: socketBuffer(config, 'socket.send.buffer.bytes'),
    socketReceiveBufferBytes: socketBuffer(config, 'socket.receive.buffer.bytes'),
    fetchMaxBytes: config.int('fetch.max.bytes'),
    maxIncrementalFetchSessionCacheSlots: config.int('max.incremental.fetch.session.cache.slots'),
    producerIdExpirationMs: config.int('producer.id.expiration.ms'),
    retentionCheckIntervalMs: Number(config.long('log.retention.check.interval.ms')),
    recoveryPointCheckpointIntervalMs: config.int('log.flush.offset.checkpoint.interval.ms'),
    recoveryThreadsPerDataDir: config.int('num.recovery.threads.per.data.dir'),
  };
}

const syncBackend = (name: string): DataPlaneOptions['syncBackend'] =>
  name === 'threads' || name === 'syncfs' ? name : 'io_uring';

/**
 * Left to the system, which lets it grow, unless the operator says otherwise: Kafka's default of 100 KB overfills under
 * thousands of tiny pipelined requests, and Linux then stalls the connection (docs/non-obvious.md).
 */
const socketBuffer = (config: BrokerConfig, key: string): number => (config.isSet(key) ? config.int(key) : -1);
