/**
 * node --import ./test/support/ts.mjs bench/group-load.ts [--records 1000000] [--offsets 1000000] [--folder KEEP]
 *
 * How long a group coordinator takes to load committed offsets, and how long other groups wait meanwhile: one partition's
 * log holds `records` commits of `offsets` different (group, topic, partition); another partition answers heartbeats of
 * an unknown member, one after the other, on the same event loop. A folder that is named keeps its log for the next run.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isRefusal } from '../src/base/result.ts';
import {
  type GroupMachine,
  type GroupRecord,
  type GroupRecordInit,
  groupMachineKind,
} from '../src/core/group/machine.ts';
import { openDataPlane } from '../src/dataplane/client.ts';
import { systemClock, systemEntropy } from '../src/host.ts';
import type { ErrorName } from '../src/protocol/errors.ts';
import { encodeBatch } from '../src/protocol/records/batch.ts';
import { consumerOffsetsCodec } from '../src/protocol/records/consumer-offsets.ts';
import { slotsMaxDefault } from '../src/runtime/coordinator/options.ts';
import { CoordinatorRuntime } from '../src/runtime/coordinator/runtime.ts';
import type { LogConfig, PartitionHandle, PlaneEvent } from '../src/runtime/ports.ts';
import { Tickets } from '../src/runtime/tickets.ts';
import { logConfig, planeOptions, topicId } from '../test/support/plane.ts';

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '1000000' },
    offsets: { type: 'string', default: '1000000' },
    folder: { type: 'string' },
  },
});
const records = Number(values.records);
const offsets = Number(values.offsets);
const recordsPerBatch = 8_000;
const topicsPerGroup = 10;
const partitionsPerTopic = 100;
const topicIds = ['JnVbcDVWQMeXEFcKJ-aLwA', 'P5P_1cGBQvq1ZWxJkM4nOg'];

const settings = {
  maxSize: 2_147_483_647,
  minSessionTimeoutMs: 6_000,
  maxSessionTimeoutMs: 1_800_000,
  initialRebalanceDelayMs: 3_000,
  offsetMetadataMaxBytes: 4_096,
  offsetsRetentionMs: 604_800_000n,
  offsetsRetentionCheckIntervalMs: 600_000,
};

const config: LogConfig = { ...logConfig, delete: false, maxMessageBytes: 1 << 20, segmentBytes: 1 << 28 };
const loading: PartitionHandle = { index: 0, generation: 1 };
const serving: PartitionHandle = { index: 1, generation: 1 };

/** Commits as members of many groups make them: all partitions of a topic, then the next topic, then the next group. */
function batchAt(first: number): Uint8Array {
  const timestamp = 1_790_000_000_000n;
  const made = [];
  for (let i = first; i < Math.min(first + recordsPerBatch, records); i++) {
    const n = i % offsets;
    const topic = Math.floor(n / partitionsPerTopic);
    const record = consumerOffsetsCodec.encode({
      type: 'offsetCommit',
      key: {
        group: `order-service-${Math.floor(topic / topicsPerGroup)}`,
        topic: `com.example.orders.events-${topic % topicsPerGroup}`,
        partition: n % partitionsPerTopic,
      },
      value: {
        version: 4,
        data: {
          offset: BigInt(1_000_000 + i),
          leaderEpoch: 7,
          metadata: '',
          commitTimestamp: timestamp,
          topicId: topicIds[topic % 2]! as never,
        },
      },
    });
    made.push({ timestamp, ...record });
  }
  return encodeBatch({ records: made });
}

const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'milena-group-load-'));
mkdirSync(folder, { recursive: true });
const plane = openDataPlane(planeOptions([folder]));
const listeners = new Set<(event: PlaneEvent) => void>();
plane.onEvent(event => {
  for (const listener of [...listeners]) listener(event);
});

function next<E extends PlaneEvent['type']>(type: E, fits: (event: Extract<PlaneEvent, { type: E }>) => boolean) {
  return new Promise<Extract<PlaneEvent, { type: E }>>(resolve => {
    const listener = (event: PlaneEvent): void => {
      if (event.type !== type || !fits(event as Extract<PlaneEvent, { type: E }>)) return;
      listeners.delete(listener);
      resolve(event as Extract<PlaneEvent, { type: E }>);
    };
    listeners.add(listener);
  });
}

function lead(partition: PartitionHandle): void {
  plane.submit({
    type: 'lead',
    partition,
    topicId: topicId(1),
    topic: '__consumer_offsets',
    partitionIndex: partition.index,
    logDir: 0,
    leaderEpoch: 0,
    isNew: false,
    isInternal: true,
    config,
  });
}

async function fill(tickets: Tickets, from: number): Promise<void> {
  for (let first = from; first < records; first += recordsPerBatch) {
    const ticket = tickets.next();
    const appended = next('appended', event => event.ticket === ticket);
    plane.submit({ type: 'append', partition: loading, leaderEpoch: 0, ticket, batch: batchAt(first) });
    const { error } = await appended;
    if (error !== 0) throw new Error(`append: ${error}`);
  }
}

async function main(): Promise<void> {
  const tickets = new Tickets();
  const led = next('led', event => event.partition.index === loading.index);
  lead(loading);
  await fill(tickets, Number((await led).logEndOffset));
  const runtime = new CoordinatorRuntime<GroupMachine, GroupRecordInit, GroupRecord>({
    kind: groupMachineKind(settings),
    plane,
    tickets,
    clock: systemClock,
    entropy: systemEntropy,
    soon: run => void setImmediate(run),
    notice: (level, message) => process.stderr.write(`${level} ${message}\n`),
    limits: {
      loadBufferBytes: 5 * 1024 * 1024,
      commitTimeoutMs: 5_000,
      batchBytesMax: () => config.maxMessageBytes,
      slotsMax: slotsMaxDefault,
    },
  });
  listeners.add(event => void runtime.onPlaneEvent(event));
  lead(serving);
  runtime.elected(1, serving, 0);
  await runtime.whenLoaded(1);

  lead(loading);
  const began = performance.now();
  const cpuBegan = process.cpuUsage();
  runtime.elected(0, loading, 0);
  let done = false;
  const waits: number[] = [];
  const beat = async (): Promise<void> => {
    const other = runtime.shard(1);
    if (isRefusal(other)) throw new Error(other.message);
    while (!done) {
      const asked = performance.now();
      // As a frame from a connection does, the request waits for its turn of the event loop.
      await new Promise<void>(resolve => void setImmediate(resolve));
      await other.write<ErrorName>((machine, turn, slot) =>
        machine.heartbeat(turn, slot, { groupId: 'g', memberId: 'm', groupInstanceId: null, generationId: 1 }),
      );
      waits.push(performance.now() - asked);
      await new Promise<void>(resolve => void setTimeout(resolve, 1));
    }
  };
  const beats = beat();
  await runtime.whenLoaded(0);
  const tookMs = performance.now() - began;
  const cpu = process.cpuUsage(cpuBegan);
  done = true;
  await beats;
  waits.sort((a, b) => a - b);
  const at = (share: number): number => Math.round(100 * (waits[Math.floor(waits.length * share)] ?? 0)) / 100;
  const figures = {
    records,
    offsets,
    seconds: Math.round(tookMs) / 1000,
    recordsPerSecond: Math.round(records / (tookMs / 1000)),
    mainAndPlaneCpuSeconds: Math.round((cpu.user + cpu.system) / 1000) / 1000,
    heartbeats: waits.length,
    heartbeatMs: { median: at(0.5), p99: at(0.99), max: at(0.999999) },
    residentMb: Math.round(process.memoryUsage().rss / 1e6),
    heapMb: Math.round(process.memoryUsage().heapUsed / 1e6),
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  await runtime.close();
  await plane.close();
  if (values.folder === undefined) rmSync(folder, { recursive: true });
}

await main();
