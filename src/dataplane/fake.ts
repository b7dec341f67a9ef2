/**
 * A data plane in memory, for simulations: partitions, appends, syncs that come later, reads, queries, and connections whose requests
 * are injected. No sockets, threads, files or clock; what the real plane does on other threads happens in FakeHost.later.
 */
import { isIP } from 'node:net';
import { errorCode } from '../protocol/errors.ts';
import { WireError } from '../protocol/wire.ts';
import type {
  DataPlane,
  DataPlaneOptions,
  DirtQuery,
  ListenOptions,
  LogConfig,
  PartitionDirt,
  PartitionFacts,
  PartitionHandle,
  PlaneCommand,
  PlaneEvent,
} from '../runtime/ports.ts';
import { counters } from './abi.ts';
import { misuse, PlaneFailure } from './failure.ts';
import { type FakeConnection, FakeConnections } from './fake-connections.ts';
import { FakeHost } from './fake-host.ts';
import { FakeLog } from './fake-log.ts';

type Lead = Extract<PlaneCommand, { type: 'lead' }>;

interface FakePartition {
  readonly lead: Lead;
  readonly log: FakeLog;
  config: LogConfig;
  leaderEpoch: number;
  highWatermark: bigint;
  phase: 'opening' | 'leading' | 'failed' | 'dropped';
  watched: boolean;
  /** Appends that wait for a new log to be there. */
  waiting: (() => void)[];
}

const keyOf = (handle: PartitionHandle): string => `${handle.index}/${handle.generation}`;
const nameOf = (lead: Lead): string => `${lead.topic}-${lead.partitionIndex}`;
const EINVAL = 22;
const EIO = 5;

export function openFakeDataPlane(options: DataPlaneOptions, host = new FakeHost()): FakeDataPlane {
  return new FakeDataPlane(options, host);
}

export class FakeDataPlane implements DataPlane {
  private readonly host: FakeHost;
  private readonly options: DataPlaneOptions;
  private readonly disks: Map<string, FakeLog>[] = [];
  private readonly partitions = new Map<string, FakePartition>();
  private readonly connections: FakeConnections;
  private readonly ports: number[] = [];
  private readonly cells = new BigInt64Array(counters.length);
  private handler: ((event: PlaneEvent) => void) | undefined;
  private early: PlaneEvent[] = [];
  private state: 'open' | 'closed' = 'open';
  private syncsHeld = false;
  private heldSyncs: (() => void)[] = [];
  private failingSyncs = 0;
  /** Asked before every append: an error code makes it fail with that, 0 lets it be. */
  appendFault: (partition: PartitionHandle, ticket: number) => number = () => 0;

  constructor(options: DataPlaneOptions, host: FakeHost) {
    if (options.logDirs.length === 0) throw misuse('logDirs is empty');
    this.host = host;
    this.options = options;
    for (const path of options.logDirs) {
      try {
        this.disks.push(host.lock(path));
      } catch (failure) {
        for (const taken of options.logDirs.slice(0, this.disks.length)) host.unlock(taken);
        throw failure;
      }
    }
    this.connections = new FakeConnections(event => this.emit(event));
  }

  listen({ host, port }: ListenOptions): number {
    if (this.state === 'closed') throw misuse('listen: the data plane is closed');
    if (!Number.isInteger(port) || port < 0 || port > 65535) throw misuse(`listen: no such port: ${String(port)}`);
    if (host !== '' && isIP(host) === 0) throw new PlaneFailure('ADDRESS', `'${host}' is not an IP address`, EINVAL);
    const bound = this.host.bind(port);
    this.ports.push(bound);
    return bound;
  }

  /** A client of a listener, in the order of `listen` calls. */
  connect(listener = 0, peerAddress = '127.0.0.1'): FakeConnection {
    if (this.state === 'closed' || this.ports[listener] === undefined) throw misuse(`connect: no listener ${listener}`);
    return this.connections.open(listener, peerAddress);
  }

  submit(command: PlaneCommand): void {
    if (this.state === 'closed') return;
    switch (command.type) {
      case 'lead':
        this.lead(command);
        return;
      case 'setConfig':
        this.setConfig(command.partition, command.config);
        return;
      case 'drop':
        this.drop(command.partition, command.ticket);
        return;
      case 'deleteBefore':
        this.deleteBefore(command);
        return;
      case 'append':
        this.append(command);
        return;
      case 'read':
        this.read(command);
        return;
      case 'watch': {
        const partition = this.partitions.get(keyOf(command.partition));
        if (partition !== undefined) partition.watched = true;
        return;
      }
      case 'query': {
        const facts = command.partitions.map(handle => this.factsOf(handle, command.what));
        this.emit({ type: 'queried', ticket: command.ticket, partitions: facts });
        return;
      }
      case 'dirt':
        this.emit({
          type: 'dirty',
          ticket: command.ticket,
          partitions: command.partitions.map(query => this.dirtOf(query)),
        });
        return;
      case 'planCleaning':
        this.emit({
          type: 'cleaningPlanned',
          ticket: command.ticket,
          error: this.factsOf(command.partition, 'log').error,
          plan: new Uint8Array(),
        });
        return;
      case 'replaceSegments': {
        // A log in memory is one segment that is still written: there is nothing that could be replaced.
        const { error } = this.factsOf(command.partition, 'log');
        this.emit({
          type: 'done',
          ticket: command.ticket,
          error: error === 0 ? errorCode.KAFKA_STORAGE_ERROR : error,
          offset: -1n,
        });
        return;
      }
      case 'respond':
        this.connections.respond(command.connection, command.response);
        return;
      case 'disconnect':
        this.connections.close(command.connection);
        return;
      case 'remember':
      case 'forget':
        return; // main answers again what it was asked again
    }
  }

  onEvent(handler: (event: PlaneEvent) => void): void {
    if (this.handler !== undefined) throw misuse('onEvent: there is a handler already');
    this.handler = handler;
    const waiting = this.early;
    this.early = [];
    for (const event of waiting) handler(event);
  }

  readCounters(): BigInt64Array {
    return this.cells.slice();
  }

  ref(): void {}
  unref(): void {}

  close(): Promise<void> {
    if (this.state === 'open') {
      this.holdSyncs(false);
      this.connections.closeAll();
      for (const partition of this.partitions.values()) if (partition.phase === 'leading') partition.log.sync();
      this.letGo();
    }
    return new Promise(resolve => this.host.later(() => resolve()));
  }

  /** The process dies: nothing is synced, answered or reported. */
  kill(): void {
    for (const { log } of this.partitions.values()) log.dirty = true;
    this.letGo();
    this.handler = () => {};
  }

  /** true: batches are written but not synced until false. */
  holdSyncs(hold: boolean): void {
    this.syncsHeld = hold;
    if (hold) return;
    const held = this.heldSyncs;
    this.heldSyncs = [];
    for (const run of held) this.host.later(run);
  }

  /** The next sync fails and closes its log for good. */
  failNextSync(): void {
    this.failingSyncs++;
  }

  private dirtOf({ partition, cleanEnd }: DirtQuery): PartitionDirt {
    const { error, logStartOffset, logEndOffset } = this.factsOf(partition, 'log');
    const isUsable = cleanEnd >= logStartOffset && cleanEnd <= logEndOffset;
    const firstDirty = isUsable ? cleanEnd : logStartOffset;
    const nothing = { cleanBytes: 0n, cleanableBytes: 0n, overdueMs: 0n };
    return { error, firstDirty, firstUncleanable: firstDirty, logEndOffset, ...nothing };
  }

  private letGo(): void {
    this.state = 'closed';
    for (const path of this.options.logDirs) this.host.unlock(path);
    for (const port of this.ports) this.host.unbind(port);
  }

  private emit(event: PlaneEvent): void {
    this.host.later(() => {
      if (this.handler === undefined) this.early.push(event);
      else this.handler(event);
    });
  }

  private lead(command: Lead): void {
    const refuse = (error: number, message: string): void =>
      this.emit({ type: 'led', partition: command.partition, error, logStartOffset: -1n, logEndOffset: -1n, message });
    const disk = this.disks[command.logDir];
    if (disk === undefined) {
      refuse(errorCode.LOG_DIR_NOT_FOUND, 'there is no such log directory');
      return;
    }
    const known = this.partitions.get(keyOf(command.partition));
    if (known !== undefined) {
      if (command.leaderEpoch < known.leaderEpoch) {
        refuse(errorCode.FENCED_LEADER_EPOCH, 'the partition is led at a later epoch');
        return;
      }
      known.leaderEpoch = command.leaderEpoch;
      known.config = command.config;
      this.host.later(() => this.reportLed(known));
      return;
    }
    const name = nameOf(command);
    if ([...this.partitions.values()].some(other => nameOf(other.lead) === name)) {
      refuse(errorCode.UNKNOWN_SERVER_ERROR, 'its name belongs to another partition');
      return;
    }
    const log = disk.get(name) ?? new FakeLog();
    disk.set(name, log);
    const partition: FakePartition = {
      lead: command,
      log,
      config: command.config,
      leaderEpoch: command.leaderEpoch,
      highWatermark: 0n,
      phase: 'opening',
      watched: false,
      waiting: [],
    };
    this.partitions.set(keyOf(command.partition), partition);
    this.host.later(() => this.opened(partition));
  }

  private opened(partition: FakePartition): void {
    if (partition.phase !== 'opening') return;
    partition.phase = 'leading';
    const { log } = partition;
    if (log.dirty) this.emit({ type: 'notice', level: 'info', message: `recovered ${nameOf(partition.lead)}` });
    log.dirty = false;
    log.sync();
    partition.highWatermark = log.logEndOffset;
    this.reportLed(partition);
    for (const run of partition.waiting) run();
    partition.waiting = [];
  }

  private reportLed(partition: FakePartition): void {
    const { logStartOffset, logEndOffset } = partition.log;
    this.emit({
      type: 'led',
      partition: partition.lead.partition,
      error: 0,
      logStartOffset,
      logEndOffset,
      message: '',
    });
  }

  private setConfig(handle: PartitionHandle, config: LogConfig): void {
    const partition = this.partitions.get(keyOf(handle));
    if (partition === undefined) return;
    partition.config = config;
    this.advance(partition);
  }

  private drop(handle: PartitionHandle, ticket: number): void {
    const partition = this.partitions.get(keyOf(handle));
    if (partition === undefined) {
      this.emit({ type: 'done', ticket, error: errorCode.UNKNOWN_TOPIC_OR_PARTITION, offset: -1n });
      return;
    }
    this.partitions.delete(keyOf(handle));
    partition.phase = 'dropped';
    for (const run of partition.waiting) run();
    this.disks[partition.lead.logDir]?.delete(nameOf(partition.lead));
    this.emit({ type: 'done', ticket, error: 0, offset: -1n });
  }

  private deleteBefore(command: Extract<PlaneCommand, { type: 'deleteBefore' }>): void {
    const partition = this.partitions.get(keyOf(command.partition));
    const answer = (error: number, offset: bigint): void =>
      this.emit({ type: 'done', ticket: command.ticket, error, offset });
    const error = errorOf(partition);
    if (partition === undefined || error !== 0) {
      answer(error, -1n);
      return;
    }
    const to = command.offset === -1n ? partition.highWatermark : command.offset;
    if (to < 0n || to > partition.highWatermark) {
      answer(errorCode.OFFSET_OUT_OF_RANGE, -1n);
      return;
    }
    partition.log.deleteBefore(to);
    answer(0, partition.log.logStartOffset);
  }

  private append(command: Extract<PlaneCommand, { type: 'append' }>): void {
    const partition = this.partitions.get(keyOf(command.partition));
    const answer = (error: number, baseOffset: bigint): void =>
      this.emit({ type: 'appended', ticket: command.ticket, error, baseOffset });
    if (partition === undefined) {
      answer(errorCode.UNKNOWN_TOPIC_OR_PARTITION, -1n);
      return;
    }
    const run = (): void => {
      const error = errorOf(partition) || this.appendFault(command.partition, command.ticket);
      if (error !== 0) {
        answer(error, -1n);
        return;
      }
      if (command.leaderEpoch >= 0 && command.leaderEpoch !== partition.leaderEpoch) {
        answer(errorCode.NOT_LEADER_OR_FOLLOWER, -1n);
        return;
      }
      let baseOffset: bigint;
      try {
        baseOffset = partition.log.append(command.batch, partition.leaderEpoch);
      } catch (cause) {
        if (cause instanceof WireError) {
          answer(errorCode.CORRUPT_MESSAGE, -1n);
          return;
        }
        throw cause;
      }
      answer(0, baseOffset);
      this.advance(partition);
      this.sync(partition);
    };
    // A new partition takes batches while its log is being made; an existing one is not led before it was read.
    if (partition.phase === 'opening' && partition.lead.isNew) partition.waiting.push(run);
    else run();
  }

  private sync(partition: FakePartition): void {
    const run = (): void => {
      if (partition.phase !== 'leading' || this.state === 'closed') return;
      if (this.failingSyncs > 0) {
        this.failingSyncs--;
        this.fail(partition);
        return;
      }
      partition.log.sync();
      this.advance(partition);
    };
    if (this.syncsHeld) this.heldSyncs.push(run);
    else this.host.later(run);
  }

  private fail(partition: FakePartition): void {
    partition.phase = 'failed';
    const { logDir } = partition.lead;
    const path = `${this.options.logDirs[logDir]}/${nameOf(partition.lead)}`;
    this.emit({ type: 'failed', logDir, path, errno: EIO, message: `${path} is closed: its sync failed` });
  }

  private advance(partition: FakePartition): void {
    const { log } = partition;
    const to = partition.config.writeCaching ? log.logEndOffset : log.flushedEndOffset;
    if (partition.phase !== 'leading' || to <= partition.highWatermark) return;
    partition.highWatermark = to;
    if (partition.watched) this.emit({ type: 'highWatermark', partition: partition.lead.partition, offset: to });
  }

  private read(command: Extract<PlaneCommand, { type: 'read' }>): void {
    this.host.later(() => {
      const partition = this.partitions.get(keyOf(command.partition));
      const answer = (error: number, batches: Uint8Array): void =>
        this.emit({ type: 'readDone', ticket: command.ticket, error, batches });
      const error = errorOf(partition);
      if (partition === undefined || error !== 0) {
        answer(error, new Uint8Array());
        return;
      }
      const { log, highWatermark } = partition;
      if (command.from < log.logStartOffset || command.from > log.logEndOffset) {
        answer(errorCode.OFFSET_OUT_OF_RANGE, new Uint8Array());
        return;
      }
      answer(0, log.read(command.from, highWatermark, command.maxBytes));
    });
  }

  private factsOf(handle: PartitionHandle, what: 'producers' | 'log'): PartitionFacts {
    const partition = this.partitions.get(keyOf(handle));
    const error = errorOf(partition);
    if (partition === undefined || error !== 0)
      return {
        error,
        logStartOffset: 0n,
        highWatermark: 0n,
        lastStableOffset: 0n,
        logEndOffset: 0n,
        sizeBytes: 0n,
        producers: [],
      };
    const { log, highWatermark } = partition;
    return {
      error: 0,
      logStartOffset: log.logStartOffset,
      highWatermark,
      lastStableOffset: highWatermark,
      logEndOffset: log.logEndOffset,
      sizeBytes: log.sizeBytes,
      producers: what === 'producers' ? log.producers() : [],
    };
  }
}

function errorOf(partition: FakePartition | undefined): number {
  if (partition === undefined || partition.phase === 'dropped') return errorCode.UNKNOWN_TOPIC_OR_PARTITION;
  if (partition.phase === 'failed') return errorCode.KAFKA_STORAGE_ERROR;
  return partition.phase === 'opening' && !partition.lead.isNew ? errorCode.NOT_LEADER_OR_FOLLOWER : 0;
}
