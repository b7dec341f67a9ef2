// A node reduced to its metadata log, on the fake data plane and over simulated time: everything that happens comes out
// of one seed.
import { Prng } from '../../src/base/prng.ts';
import { makeUuid } from '../../src/base/uuid.ts';
import { type FakeDataPlane, openFakeDataPlane } from '../../src/dataplane/fake.ts';
import { FakeHost } from '../../src/dataplane/fake-host.ts';
import type { FakeLog } from '../../src/dataplane/fake-log.ts';
import { splitBatches } from '../../src/protocol/records/batch.ts';
import { PartitionHandles } from '../../src/runtime/handles.ts';
import { MetadataLog } from '../../src/runtime/metadata-log.ts';
import type { MetadataLogLimits } from '../../src/runtime/metadata-log-options.ts';
import type { Clock, DataPlaneOptions, Entropy, PlaneCommand } from '../../src/runtime/ports.ts';
import { startBroker } from '../../src/runtime/start-broker.ts';
import { Tickets } from '../../src/runtime/tickets.ts';
import { type OpenedStorage, openStorage } from '../../src/storage/open.ts';
import { MemoryFiles } from './memory-files.ts';

export const unlimited: MetadataLogLimits = {
  segmentBytes: 2 ** 30,
  segmentMs: 604_800_000n,
  bytesBetweenSnapshots: 2 ** 30,
  snapshotIntervalMs: 0,
  retentionBytes: -1n,
  retentionMs: -1n,
};

const directory = '/d';
const partition = '__cluster_metadata-0';

const planeOptions: DataPlaneOptions = {
  reactors: 1,
  logDirs: [directory],
  appendMode: 'inline',
  appendBackend: 'pwritev',
  syncBackend: 'threads',
  socketRequestMaxBytes: 104_857_600,
  queuedMaxRequestBytes: 1 << 26,
  connectionsMaxIdleMs: 600_000,
  maxConnections: 100,
  socketSendBufferBytes: -1,
  socketReceiveBufferBytes: -1,
  fetchMaxBytes: 57_671_680,
  maxIncrementalFetchSessionCacheSlots: 1_000,
  producerIdExpirationMs: 86_400_000,
  retentionCheckIntervalMs: 300_000,
  recoveryPointCheckpointIntervalMs: 60_000,
  recoveryThreadsPerDataDir: 1,
  nodeId: 1,
};

/** One queue ordered by (time, arrival). Promises settle between two steps. */
export class SimulatedTime {
  nowMs = 1_000_000;
  private order = 0;
  private readonly queue: { at: number; order: number; run: () => void }[] = [];

  after(ms: number, run: () => void): void {
    this.queue.push({ at: this.nowMs + ms, order: this.order++, run });
  }

  /** Runs until nothing is due any more. */
  async settle(stepsMax = 100_000): Promise<void> {
    for (let step = 0; ; step++) {
      if (step > stepsMax) throw new Error('the simulation does not come to rest');
      await new Promise(resolve => setImmediate(resolve));
      this.queue.sort((a, b) => a.at - b.at || a.order - b.order);
      const next = this.queue.shift();
      if (next === undefined) return;
      this.nowMs = Math.max(this.nowMs, next.at);
      next.run();
    }
  }

  /** Runs until `work` is done. */
  async until<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const mark = () => {
      done = true;
    };
    work.then(mark, mark);
    while (!done) {
      await this.settle();
      if (!done && this.queue.length === 0) await new Promise(resolve => setImmediate(resolve));
      if (!done && this.queue.length === 0) throw new Error('nothing left to happen, and the work is not done');
    }
    return work;
  }
}

export class MetadataNode {
  readonly time = new SimulatedTime();
  readonly chance: Prng;
  readonly files = new MemoryFiles();
  readonly host: FakeHost;
  readonly notices: string[] = [];
  limits: MetadataLogLimits = unlimited;
  /** Kafka's code for an append that fails, 0 for one that does not. */
  appendError: () => number = () => 0;
  plane!: FakeDataPlane;
  log!: MetadataLog;
  storage!: OpenedStorage;
  private readonly logs: Map<string, FakeLog>;
  private dueMs = 0;

  constructor(seed: number) {
    this.chance = new Prng(seed);
    this.host = new FakeHost(run => this.later(run));
    this.logs = this.host.lock(directory);
    this.host.unlock(directory);
  }

  /** The metadata log as it lies on disk, synced or not. */
  get disk(): FakeLog {
    return this.logs.get(partition)!;
  }

  batches(from = 0n): Uint8Array[] {
    return splitBatches(this.disk.read(from, this.disk.logEndOffset, Number.POSITIVE_INFINITY));
  }

  /** Loses the log, as a disk does. */
  loseLog(): void {
    this.logs.delete(partition);
  }

  /** Opens the storage and the log; not yet a broker. */
  async open(): Promise<void> {
    const clock: Clock = {
      wallMs: () => BigInt(Math.floor(this.time.nowMs)),
      monotonicMs: () => this.time.nowMs,
      after: (ms, run) => {
        this.time.after(ms, run);
        return () => {};
      },
    };
    const entropy: Entropy = { uuid: () => this.chance.bytes(16), below: limit => this.chance.below(limit) };
    const { files } = this;
    this.storage = await openStorage({
      files,
      clock,
      entropy,
      logDirs: [directory],
      metadataLogDir: undefined,
      nodeId: 1,
      controllerEndpoint: { name: 'CONTROLLER', host: 'localhost', port: 9093 },
    });
    const plane = openFakeDataPlane(planeOptions, this.host);
    this.plane = plane;
    plane.onEvent(event => void this.log.onPlaneEvent(event));
    this.log = new MetadataLog({
      plane: { submit: command => this.submit(command) },
      handles: new PartitionHandles(),
      tickets: new Tickets(),
      clock,
      entropy,
      files,
      directory,
      logDir: 0,
      directoryId: this.storage.directories[0]!.directoryId,
      clusterId: this.storage.clusterId,
      nodeId: 1,
      limits: this.limits,
      notice: (level, message) => this.notices.push(`${level} ${message}`),
    });
    await this.time.until(this.log.open());
  }

  /** A whole start: log, registration, elections. */
  async start(): Promise<void> {
    await this.open();
    const incarnationId = makeUuid(length => this.chance.bytes(length));
    const endpoints = [{ name: 'PLAINTEXT', host: 'localhost', port: 9092, securityProtocol: 0 }];
    const logDirs = this.storage.directories.map(({ directoryId }) => directoryId);
    const broker = { id: 1, incarnationId, endpoints, rack: null, logDirs };
    await this.time.until(startBroker(this.log, { id: 1, incarnationId, endpoints: [] }, broker));
  }

  /** kill -9 and a power cut in one: keeps what was synced, and some of what was written behind it. */
  crash(): void {
    this.plane.kill();
    this.host.crash(directory, this.chance.below(4));
  }

  private submit(command: PlaneCommand): void {
    const error = command.type === 'append' ? this.appendError() : 0;
    if (command.type !== 'append' || error === 0) {
      this.plane.submit(command);
      return;
    }
    const { ticket } = command;
    this.later(() => this.log.onPlaneEvent({ type: 'appended', ticket, error, baseOffset: -1n }));
  }

  // Delays are random, the order is kept: the plane's events come in the order of their source.
  private later(run: () => void): void {
    this.dueMs = Math.max(this.dueMs, this.time.nowMs + this.chance.below(10));
    this.time.after(this.dueMs - this.time.nowMs, run);
  }
}
