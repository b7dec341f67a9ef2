// A node reduced to one internal topic and its coordinators, on the fake data plane and over simulated time: everything
// that happens comes out of one seed.
import { Prng } from '../../src/base/prng.ts';
import { isRefusal, refuse } from '../../src/base/result.ts';
import type { WireRefusal } from '../../src/core/controller/decision.ts';
import type { Machine, MachineKind } from '../../src/core/coordinator/machine.ts';
import type { Slot, Turn } from '../../src/core/coordinator/turn.ts';
import { FakeDataPlane } from '../../src/dataplane/fake.ts';
import { FakeHost } from '../../src/dataplane/fake-host.ts';
import type { FakeLog } from '../../src/dataplane/fake-log.ts';
import { splitBatches } from '../../src/protocol/records/batch.ts';
import type { CoordinatorLimits } from '../../src/runtime/coordinator/options.ts';
import { CoordinatorRuntime } from '../../src/runtime/coordinator/runtime.ts';
import type { CoordinatorShard } from '../../src/runtime/coordinator/shard.ts';
import type { Clock, PartitionHandle } from '../../src/runtime/ports.ts';
import { Tickets } from '../../src/runtime/tickets.ts';
import { blockCodec } from './block-codec.ts';
import { logConfig, planeOptions, topicId } from './plane.ts';
import { SimulatedClock } from './simulated-clock.ts';

const directory = '/d';
const topic = '__internal';
const disconnected: WireRefusal = refuse('NETWORK_EXCEPTION', 'the connection is closed');

export class CoordinatorNode<M extends Machine<Stored, Rec>, Stored, Rec> {
  readonly clock = new SimulatedClock();
  readonly chance: Prng;
  readonly host: FakeHost;
  readonly notices: string[] = [];
  /** Of each event of the plane, at most; the order is kept. */
  delayMsMax = 0;
  limits: CoordinatorLimits = {
    loadBufferBytes: 4_096,
    commitTimeoutMs: 5_000,
    batchBytesMax: () => 1_048_588,
    slotsMax: 1_000,
  };
  plane!: FakeDataPlane;
  runtime!: CoordinatorRuntime<M, Stored, Rec>;
  up = false;
  /** Called when a partition cannot be served before the next start. */
  onLogFailure: (partitionIndex: number) => void = () => {};
  /** Append commands that went through. */
  appends = 0;
  private readonly kind: MachineKind<M, Stored, Rec>;
  private readonly epochs = new Map<number, number>();
  private handles = 0;
  private led = new Map<number, PartitionHandle>();
  private readonly connections = new Set<() => void>();
  private readonly logs: Map<string, FakeLog>;
  private life = 0;
  private dueMs = 0;

  constructor(kind: MachineKind<M, Stored, Rec>, seed = 1) {
    this.kind = kind;
    this.chance = new Prng(seed);
    this.host = new FakeHost(run => this.later(run));
    this.logs = this.host.lock(directory);
    this.host.unlock(directory);
  }

  /** A process starts: nothing is led yet. */
  start(): void {
    const clock = this.lifeClock();
    this.led = new Map();
    this.plane = new FakeDataPlane(planeOptions([directory]), this.host);
    this.runtime = new CoordinatorRuntime({
      kind: this.kind,
      plane: {
        submit: command => {
          if (command.type !== 'append') {
            this.plane.submit(command);
            return;
          }
          // The real plane queues appends; everything else is in effect at once.
          this.appends++;
          const { plane } = this;
          if (this.delayMsMax === 0) plane.submit(command);
          else this.later(() => plane.submit(command));
        },
      },
      tickets: new Tickets(),
      clock,
      entropy: { uuid: () => this.chance.bytes(16), below: limit => this.chance.below(limit) },
      soon: run => void clock.after(0, run),
      codecs: () => Promise.resolve(blockCodec),
      notice: (level, message) => this.notices.push(`${level} ${message}`),
      limits: this.limits,
    });
    this.plane.onEvent(event => {
      this.runtime.onPlaneEvent(event);
      if (event.type === 'failed') this.logFailed(Number(event.path.split('-').at(-1)));
    });
    this.up = true;
  }

  /** As a client would ask: it is disconnected when the process dies. */
  ask<Reply>(
    partitionIndex: number,
    command: (machine: M, turn: Turn<Stored>, slot: Slot<Reply>) => void,
  ): Promise<Reply | WireRefusal> {
    const shard = this.up ? this.runtime.shard(partitionIndex) : disconnected;
    if (isRefusal(shard)) return Promise.resolve(shard);
    return new Promise((resolve, reject) => {
      const hangUp = (): void => resolve(disconnected);
      this.connections.add(hangUp);
      Promise.resolve(shard.write(command)).then(reply => {
        this.connections.delete(hangUp);
        resolve(reply);
      }, reject);
    });
  }

  /** Requests that were not answered yet. */
  get outstanding(): number {
    return this.connections.size;
  }

  /** This node leads the partition from now on, in a new epoch. */
  elect(partitionIndex: number): void {
    const leaderEpoch = (this.epochs.get(partitionIndex) ?? -1) + 1;
    this.epochs.set(partitionIndex, leaderEpoch);
    const partition = this.led.get(partitionIndex) ?? { index: this.handles++, generation: 1 };
    this.led.set(partitionIndex, partition);
    this.plane.submit({
      type: 'lead',
      partition,
      topicId: topicId(1),
      topic,
      partitionIndex,
      logDir: 0,
      leaderEpoch,
      isNew: leaderEpoch === 0,
      isInternal: true,
      config: logConfig,
    });
    this.runtime.elected(partitionIndex, partition, leaderEpoch);
  }

  /** Starts, leads partition 0 and has it loaded. */
  async serve(): Promise<CoordinatorShard<M, Stored, Rec>> {
    this.start();
    this.elect(0);
    await this.clock.run(1);
    return this.shard(0);
  }

  shard(partitionIndex: number): CoordinatorShard<M, Stored, Rec> {
    const shard = this.runtime.shard(partitionIndex);
    if (isRefusal(shard)) throw new Error(shard.message);
    return shard;
  }

  handle(partitionIndex: number): PartitionHandle {
    return this.led.get(partitionIndex)!;
  }

  /** Somebody else's batch, as Kafka may have left it in the log. */
  append(partitionIndex: number, batch: Uint8Array): void {
    this.plane.submit({ type: 'append', partition: this.handle(partitionIndex), leaderEpoch: -1, ticket: -1, batch });
  }

  /** kill -9 and a power cut in one: keeps what was synced, and some of what was written behind it. */
  crash(): void {
    this.life++;
    this.up = false;
    this.plane.kill();
    this.host.crash(directory, this.chance.below(4));
    for (const hangUp of this.connections) hangUp();
    this.connections.clear();
  }

  /** The log of the partition as it lies on disk, synced or not. */
  batches(partitionIndex: number): Uint8Array[] {
    const log = this.logs.get(`${topic}-${partitionIndex}`);
    return log === undefined ? [] : splitBatches(log.read(0n, log.logEndOffset, Number.POSITIVE_INFINITY));
  }

  private logFailed(partitionIndex: number): void {
    this.runtime.resigned(partitionIndex);
    this.onLogFailure(partitionIndex);
  }

  /** A clock whose timers die with the process. */
  private lifeClock(): Clock {
    const { life, clock } = this;
    return {
      wallMs: () => clock.wallMs(),
      monotonicMs: () => clock.monotonicMs(),
      after: (delayMs, run) => clock.after(delayMs, () => life === this.life && run()),
    };
  }

  private later(run: () => void): void {
    const { clock, life } = this;
    const nowMs = clock.monotonicMs();
    this.dueMs = Math.max(this.dueMs, nowMs + (this.delayMsMax === 0 ? 0 : this.chance.below(this.delayMsMax)));
    clock.after(this.dueMs - nowMs, () => life === this.life && run());
  }
}
