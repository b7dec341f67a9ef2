/** Opening data planes in tests, waiting for their events, and speaking the hot APIs to their listeners. */
import { rmSync } from 'node:fs';
import { type NativePlaneOptions, openDataPlane } from '../../src/dataplane/client.ts';
import { apiOf } from '../../src/protocol/api.ts';
import { decodeResponse, encodeRequest } from '../../src/protocol/frame.ts';
import type { ProduceResponse } from '../../src/protocol/messages/00-produce.ts';
import type { FetchResponse } from '../../src/protocol/messages/01-fetch.ts';
import type { ListOffsetsResponse } from '../../src/protocol/messages/02-list-offsets.ts';
import type { Infer } from '../../src/protocol/schema.ts';
import type { DataPlane, DataPlaneOptions, LogConfig, PartitionHandle, PlaneEvent } from '../../src/runtime/ports.ts';
import { encodeBatch } from './batch.ts';
import { scratchDir } from './paths.ts';
import { DEADLINE_MS, RawClient } from './raw-client.ts';

export const logConfig: LogConfig = {
  segmentBytes: 1 << 30,
  segmentMs: 604_800_000n,
  segmentJitterMs: 0n,
  segmentIndexBytes: 10 << 20,
  indexIntervalBytes: 4096,
  retentionMs: -1n,
  retentionBytes: -1n,
  maxCompactionLagMs: 0x7fffffffffffffffn,
  fileDeleteDelayMs: 60_000n,
  maxMessageBytes: 1_048_588,
  minInsyncReplicas: 1,
  logAppendTime: false,
  timestampBeforeMaxMs: 0x7fff_ffff_ffff_ffffn,
  timestampAfterMaxMs: 3_600_000n,
  compressionType: 'producer',
  compressionGzipLevel: -1,
  compressionLz4Level: 9,
  compressionZstdLevel: 3,
  compact: false,
  delete: true,
  flushMessages: 0x7fff_ffff_ffff_ffffn,
  flushMs: 0x7fff_ffff_ffff_ffffn,
  writeCaching: false,
};

export const planeOptions = (logDirs: readonly string[]): DataPlaneOptions => ({
  reactors: 2,
  logDirs,
  appendMode: 'inline',
  appendBackend: 'pwritev',
  syncBackend: 'io_uring',
  socketRequestMaxBytes: 104_857_600,
  queuedMaxRequestBytes: 256 << 20,
  connectionsMaxIdleMs: 600_000,
  maxConnections: 2_147_483_647,
  socketSendBufferBytes: -1,
  socketReceiveBufferBytes: -1,
  fetchMaxBytes: 57_671_680,
  maxIncrementalFetchSessionCacheSlots: 1000,
  producerIdExpirationMs: 86_400_000,
  retentionCheckIntervalMs: 300_000,
  recoveryPointCheckpointIntervalMs: 60_000,
  recoveryThreadsPerDataDir: 2,
  nodeId: 1,
});

export const topicId = (number: number): Uint8Array => {
  const id = new Uint8Array(16).fill(7);
  new DataView(id.buffer).setUint32(12, number);
  return id;
};

type EventOf<T extends PlaneEvent['type']> = Extract<PlaneEvent, { type: T }>;

/** Remembers the events of a plane and lets a test wait for the next one that fits. */
export class EventLog {
  readonly events: PlaneEvent[] = [];
  private readonly waiters: { fits: (event: PlaneEvent) => boolean; take: (event: PlaneEvent) => void }[] = [];

  constructor(plane: DataPlane) {
    plane.onEvent(event => {
      const at = this.waiters.findIndex(waiter => waiter.fits(event));
      if (at < 0) this.events.push(event);
      else this.waiters.splice(at, 1)[0]!.take(event);
    });
  }

  /** The oldest event of the type that fits and was not taken yet; waits for it if need be. */
  next<T extends PlaneEvent['type']>(type: T, fits: (event: EventOf<T>) => boolean = () => true): Promise<EventOf<T>> {
    const good = (event: PlaneEvent): boolean => event.type === type && fits(event as EventOf<T>);
    const at = this.events.findIndex(good);
    if (at >= 0) return Promise.resolve(this.events.splice(at, 1)[0] as EventOf<T>);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no '${type}' within ${DEADLINE_MS} ms`)), DEADLINE_MS);
      this.waiters.push({
        fits: good,
        take: event => {
          clearTimeout(timer);
          resolve(event as EventOf<T>);
        },
      });
    });
  }
}

/** A directory that goes away with `remove`. */
export function temporaryDirectory(): { path: string; remove: () => void } {
  const path = scratchDir('plane');
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

let handles = 0;
/** Leads a fresh partition and waits until its log is open. */
export async function leadPartition(
  plane: DataPlane,
  log: EventLog,
  topic: string,
  options: {
    config?: Partial<LogConfig>;
    partition?: number;
    isNew?: boolean;
    isInternal?: boolean;
    id?: number;
    logDir?: number;
  } = {},
): Promise<PartitionHandle> {
  const partition: PartitionHandle = { index: handles++, generation: 1 };
  plane.submit({
    type: 'lead',
    partition,
    topicId: topicId(options.id ?? partition.index),
    topic,
    partitionIndex: options.partition ?? 0,
    logDir: options.logDir ?? 0,
    leaderEpoch: 0,
    isNew: options.isNew ?? true,
    isInternal: options.isInternal ?? false,
    config: { ...logConfig, ...options.config },
  });
  const led = await log.next('led', event => event.partition.index === partition.index);
  if (led.error !== 0) throw new Error(`lead failed: ${led.error} ${led.message}`);
  return partition;
}

export async function openRealPlane(options: Partial<NativePlaneOptions> & { readonly logDirs: readonly string[] }) {
  const plane = openDataPlane({ ...planeOptions(options.logDirs), ...options });
  const log = new EventLog(plane);
  const port = plane.listen({ host: '127.0.0.1', port: 0, fastPath: true });
  return { plane, log, port };
}

const caller = (correlationId: number) => ({ correlationId, clientId: 'test' });

export function produceFrame(
  correlationId: number,
  parts: readonly { topic: string; partition?: number; records: Uint8Array | null }[],
  options: { acks?: number; version?: number; timeoutMs?: number; transactionalId?: string | null } = {},
): Uint8Array {
  const version = options.version ?? 9;
  return encodeRequest(apiOf(0)!, version, caller(correlationId), {
    transactionalId: options.transactionalId ?? null,
    acks: options.acks ?? -1,
    timeoutMs: options.timeoutMs ?? 30_000,
    topicData: parts.map(part => ({
      name: part.topic,
      partitionData: [{ index: part.partition ?? 0, records: part.records }],
    })),
  });
}

export function fetchFrame(
  correlationId: number,
  parts: readonly { topic: string; partition?: number; offset: bigint; maxBytes?: number; epoch?: number }[],
  options: {
    version?: number;
    maxWaitMs?: number;
    minBytes?: number;
    maxBytes?: number;
    isolationLevel?: number;
    sessionId?: number;
    sessionEpoch?: number;
    forget?: readonly string[];
  } = {},
): Uint8Array {
  const version = options.version ?? 12;
  return encodeRequest(apiOf(1)!, version, caller(correlationId), {
    replicaState: {},
    maxWaitMs: options.maxWaitMs ?? 0,
    minBytes: options.minBytes ?? 1,
    maxBytes: options.maxBytes ?? 0x7fff_ffff,
    isolationLevel: options.isolationLevel ?? 0,
    sessionId: options.sessionId ?? 0,
    sessionEpoch: options.sessionEpoch ?? -1,
    topics: parts.map(part => ({
      topic: part.topic,
      partitions: [
        {
          partition: part.partition ?? 0,
          currentLeaderEpoch: part.epoch ?? -1,
          fetchOffset: part.offset,
          partitionMaxBytes: part.maxBytes ?? 1 << 20,
        },
      ],
    })),
    forgottenTopicsData: (options.forget ?? []).map(topic => ({ topic, partitions: [0] })),
  });
}

export function listOffsetsFrame(
  correlationId: number,
  parts: readonly { topic: string; partition?: number; timestamp: bigint; epoch?: number }[],
  options: { version?: number; isolationLevel?: number } = {},
): Uint8Array {
  return encodeRequest(apiOf(2)!, options.version ?? 7, caller(correlationId), {
    replicaId: -1,
    isolationLevel: options.isolationLevel ?? 0,
    topics: parts.map(part => ({
      name: part.topic,
      partitions: [
        { partitionIndex: part.partition ?? 0, currentLeaderEpoch: part.epoch ?? -1, timestamp: part.timestamp },
      ],
    })),
  });
}

export const readProduce = (frame: Uint8Array, version = 9) =>
  decodeResponse(apiOf(0)!, version, frame) as { correlationId: number; body: Infer<typeof ProduceResponse> };
export const readFetch = (frame: Uint8Array, version = 12) =>
  decodeResponse(apiOf(1)!, version, frame) as { correlationId: number; body: Infer<typeof FetchResponse> };
export const readListOffsets = (frame: Uint8Array, version = 7) =>
  decodeResponse(apiOf(2)!, version, frame) as { correlationId: number; body: Infer<typeof ListOffsetsResponse> };

export const oneRecord = (value = 'v', timestamp = 1_700_000_000_000n): Buffer =>
  encodeBatch({ records: [{ value }], baseTimestamp: timestamp });

export { RawClient };
