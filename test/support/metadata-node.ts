// A node reduced to its metadata log, over simulated time: everything that happens comes out of one seed.
import { Prng } from '../../src/base/prng.ts';
import { makeUuid } from '../../src/base/uuid.ts';
import { PartitionHandles } from '../../src/runtime/handles.ts';
import { MetadataLog } from '../../src/runtime/metadata-log.ts';
import type { MetadataLogLimits } from '../../src/runtime/metadata-log-options.ts';
import type { Clock, Entropy } from '../../src/runtime/ports.ts';
import { startBroker } from '../../src/runtime/start-broker.ts';
import { Tickets } from '../../src/runtime/tickets.ts';
import { type OpenedStorage, openStorage } from '../../src/storage/open.ts';
import { MemoryFiles } from './memory-files.ts';
import { LogStore, OneLogPlane } from './one-log-plane.ts';

export const unlimited: MetadataLogLimits = {
  segmentBytes: 2 ** 30,
  segmentMs: 604_800_000n,
  bytesBetweenSnapshots: 2 ** 30,
  snapshotIntervalMs: 0,
  retentionBytes: -1n,
  retentionMs: -1n,
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
  readonly store = new LogStore();
  readonly notices: string[] = [];
  limits: MetadataLogLimits = unlimited;
  appendError: () => number = () => 0;
  plane!: OneLogPlane;
  log!: MetadataLog;
  storage!: OpenedStorage;
  private readonly due = new Map<string, number>();

  constructor(seed: number) {
    this.chance = new Prng(seed);
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
      logDirs: ['/d'],
      metadataLogDir: undefined,
      nodeId: 1,
      controllerEndpoint: { name: 'CONTROLLER', host: 'localhost', port: 9093 },
    });
    const plane = new OneLogPlane({
      store: this.store,
      later: (source, run) => this.later(source, run),
      deliver: event => this.log.onPlaneEvent(event),
      appendError: () => this.appendError(),
    });
    this.plane = plane;
    this.log = new MetadataLog({
      plane,
      handles: new PartitionHandles(),
      tickets: new Tickets(),
      clock,
      entropy,
      files,
      directory: '/d',
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
    this.store.crash(this.chance.below(this.store.batches.length - this.store.synced + 1));
  }

  private later(source: string, run: () => void): void {
    const at = Math.max(this.due.get(source) ?? 0, this.time.nowMs + this.chance.below(10));
    this.due.set(source, at);
    this.time.after(at - this.time.nowMs, run);
  }
}
