/**
 * The interfaces everything above `core` is written against. The composition root chooses the real ones,
 * the simulation its own; no file below floor 4 sees a socket, a file or a clock in any other way.
 */

import type { LogConfig } from '../core/config/log-config.ts';

export type { LogConfig };

/** Wall clock for what is stored, monotonic clock for what is waited for (docs/architecture.md, section 7). */
export interface Clock {
  /** Milliseconds since the epoch. */
  wallMs(): bigint;
  /** Milliseconds since some fixed moment, never going back. */
  monotonicMs(): number;
  /** Runs `run` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

/** The only source of chance. */
export interface Entropy {
  /** 16 fresh random bytes, as in a version 4 UUID but with Kafka's reserved ids excluded by the caller. */
  uuid(): Uint8Array;
  /** An integer in [0, limit). */
  below(limit: number): number;
}

/** A partition in the data plane: an index into its table and a generation that makes stale handles harmless. */
export interface PartitionHandle {
  readonly index: number;
  readonly generation: number;
}

/** A client connection, same form; handles of closed connections are refused without harm. */
export interface ConnectionHandle {
  readonly index: number;
  readonly generation: number;
}

export type PlaneCommand =
  /** Take up leadership of a partition, creating or recovering its log. Applied before `submit` returns. */
  | {
      readonly type: 'lead';
      readonly partition: PartitionHandle;
      readonly topicId: Uint8Array;
      readonly topic: string;
      readonly partitionIndex: number;
      /** Index into the `logDirs` the plane was opened with. */
      readonly logDir: number;
      readonly leaderEpoch: number;
      /** True when the partition was just created: no directory of it can exist yet. */
      readonly isNew: boolean;
      /** Clients may not produce to it (INVALID_TOPIC_EXCEPTION) : `__consumer_offsets` and its kin. */
      readonly isInternal: boolean;
      readonly config: LogConfig;
    }
  | { readonly type: 'setConfig'; readonly partition: PartitionHandle; readonly config: LogConfig }
  /** Delete the partition: its queue is answered, its directory renamed to `-delete` and removed. Answered by `done`. */
  | { readonly type: 'drop'; readonly partition: PartitionHandle; readonly ticket: number }
  /** DeleteRecords: advance logStartOffset; -1 means to the high watermark. Answered by `done`, offset = new start. */
  | {
      readonly type: 'deleteBefore';
      readonly partition: PartitionHandle;
      readonly offset: bigint;
      readonly ticket: number;
    }
  /** main's own records: one encoded record batch v2 with base offset 0. Answered by `appended` (written, not yet committed). */
  | {
      readonly type: 'append';
      readonly partition: PartitionHandle;
      readonly leaderEpoch: number;
      readonly ticket: number;
      readonly batch: Uint8Array;
    }
  /** Whole batches from `from` up to the high watermark, at least one if there is one. Answered by `readDone`. */
  | {
      readonly type: 'read';
      readonly partition: PartitionHandle;
      readonly from: bigint;
      readonly maxBytes: number;
      readonly ticket: number;
    }
  /** Emit `highWatermark` whenever it moves. */
  | { readonly type: 'watch'; readonly partition: PartitionHandle }
  /** Facts about many partitions at once. Answered by `queried`. */
  | {
      readonly type: 'query';
      readonly ticket: number;
      readonly what: 'producers' | 'log';
      readonly partitions: readonly PartitionHandle[];
    }
  /** How dirty compacted partitions of one log directory are. Answered by `dirty`. */
  | {
      readonly type: 'dirt';
      readonly ticket: number;
      readonly logDir: number;
      readonly nowMs: bigint;
      readonly partitions: readonly DirtQuery[];
    }
  /** What a cleaning worker needs to know of a log, as bytes for the worker. Answered by `cleaningPlanned`. */
  | {
      readonly type: 'planCleaning';
      readonly ticket: number;
      readonly partition: PartitionHandle;
      readonly firstDirty: bigint;
      readonly firstUncleanable: bigint;
    }
  /** Takes over the segments a worker has written. Answered by `done`; an error leaves the log as it was, or failed. */
  | {
      readonly type: 'replaceSegments';
      readonly ticket: number;
      readonly partition: PartitionHandle;
      readonly group: Uint8Array;
    }
  /** The whole response (header and body, without the length prefix) to the request now open on the connection. */
  | { readonly type: 'respond'; readonly connection: ConnectionHandle; readonly response: Uint8Array }
  | { readonly type: 'disconnect'; readonly connection: ConnectionHandle }
  /**
   * The same request, but for its correlation id, would be answered in the same way until `forget`: the plane may do so by itself. Both are
   * frames without their length; `listener` is its number, in the order of `listen`.
   */
  | {
      readonly type: 'remember';
      readonly listener: number;
      readonly request: Uint8Array;
      readonly response: Uint8Array;
    }
  /** Nothing that was to be remembered holds any more. */
  | { readonly type: 'forget' };

/** Times in milliseconds. */
export interface DirtQuery {
  readonly partition: PartitionHandle;
  /** Where the last cleaning ended; -1: there was none. */
  readonly cleanEnd: bigint;
  readonly minCompactionLagMs: bigint;
  readonly maxCompactionLagMs: bigint;
}

/** The cleanable range of a log and its weight; `error` is a Kafka code, 0 when the rest is meaningful. */
export interface PartitionDirt {
  readonly error: number;
  readonly firstDirty: bigint;
  readonly firstUncleanable: bigint;
  readonly logEndOffset: bigint;
  /** Bytes of segments before the first dirty offset, and of those from there to the first uncleanable one. */
  readonly cleanBytes: bigint;
  readonly cleanableBytes: bigint;
  /** By how much max.compaction.lag.ms has passed for the oldest of them; 0: it has not. */
  readonly overdueMs: bigint;
}

export interface ProducerState {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly lastSequence: number;
  readonly lastTimestamp: bigint;
  readonly coordinatorEpoch: number;
  /** -1 when no transaction is open. */
  readonly currentTxnStartOffset: bigint;
}

/** The answer of `query` for one partition, in the order asked; `error` is a Kafka code, 0 when the rest is meaningful. */
export interface PartitionFacts {
  readonly error: number;
  readonly logStartOffset: bigint;
  readonly highWatermark: bigint;
  readonly lastStableOffset: bigint;
  readonly logEndOffset: bigint;
  readonly sizeBytes: bigint;
  /** Empty unless `what` was 'producers'. */
  readonly producers: readonly ProducerState[];
}

export type PlaneEvent =
  /** Anything not on the fast path. The connection's parser stands still until `respond` or `disconnect`. */
  | {
      readonly type: 'request';
      readonly connection: ConnectionHandle;
      /** Index of the listener, in the order of `listen` calls. */
      readonly listener: number;
      readonly peerAddress: string;
      /** The frame without its length prefix: request header and body. */
      readonly frame: Uint8Array;
    }
  /** A connection main has seen a request of is gone. */
  | { readonly type: 'closed'; readonly connection: ConnectionHandle }
  /** `lead` is through: the log is open (recovered if need be), or error says why not; offsets are then -1. */
  | {
      readonly type: 'led';
      readonly partition: PartitionHandle;
      readonly error: number;
      readonly logStartOffset: bigint;
      readonly logEndOffset: bigint;
      readonly message: string;
    }
  | { readonly type: 'done'; readonly ticket: number; readonly error: number; readonly offset: bigint }
  | { readonly type: 'appended'; readonly ticket: number; readonly error: number; readonly baseOffset: bigint }
  | { readonly type: 'readDone'; readonly ticket: number; readonly error: number; readonly batches: Uint8Array }
  | { readonly type: 'queried'; readonly ticket: number; readonly partitions: readonly PartitionFacts[] }
  /** In the order asked. */
  | { readonly type: 'dirty'; readonly ticket: number; readonly partitions: readonly PartitionDirt[] }
  | { readonly type: 'cleaningPlanned'; readonly ticket: number; readonly error: number; readonly plan: Uint8Array }
  | { readonly type: 'highWatermark'; readonly partition: PartitionHandle; readonly offset: bigint }
  /** A log or its directory failed and was closed; nothing of it is served any more. */
  | {
      readonly type: 'failed';
      readonly logDir: number;
      readonly path: string;
      readonly errno: number;
      readonly message: string;
    }
  /** A line for the log: recovery progress, torn tails, rot. */
  | { readonly type: 'notice'; readonly level: 'info' | 'warn' | 'error'; readonly message: string };

export interface ListenOptions {
  /** An IP address to bind, or '' for all addresses, dual-stack. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** False on controller listeners: no request is answered natively there, every frame goes to main. */
  readonly fastPath: boolean;
}

export interface DataPlaneOptions {
  readonly reactors: number;
  readonly logDirs: readonly string[];
  /** Per log directory: was the previous stop clean, as the plane itself finds out from `.kafka_cleanshutdown`? Read-only here. */
  readonly appendMode: 'inline' | 'lane';
  /** Where io_uring or an honest syncfs is not to be had, the plane says so in one notice and uses pwritev and threads. */
  readonly appendBackend: 'pwritev' | 'io_uring';
  readonly syncBackend: 'threads' | 'io_uring' | 'syncfs';
  readonly socketRequestMaxBytes: number;
  readonly queuedMaxRequestBytes: number;
  readonly connectionsMaxIdleMs: number;
  readonly maxConnections: number;
  readonly socketSendBufferBytes: number;
  readonly socketReceiveBufferBytes: number;
  readonly fetchMaxBytes: number;
  readonly maxIncrementalFetchSessionCacheSlots: number;
  readonly producerIdExpirationMs: number;
  readonly retentionCheckIntervalMs: number;
  readonly recoveryPointCheckpointIntervalMs: number;
  readonly recoveryThreadsPerDataDir: number;
  /** The node.id of this broker: `current_leader` and `node_endpoints` of produce and fetch answers name it. */
  readonly nodeId: number;
}

/** Thrown by `open` and `listen`, and nothing else: the environment refuses (directory locked, port in use). */
export interface DataPlaneFailure extends Error {
  readonly code: 'LOCKED' | 'IO' | 'PORT_IN_USE' | 'ADDRESS' | 'MISUSE';
  readonly errno: number;
}

export interface DataPlane {
  /** Opens a listener; its connections live and die in native code. Returns the bound port. */
  listen(options: ListenOptions): number;
  /** Partition commands have taken effect when this returns; connection commands are queued, first in first out. */
  submit(command: PlaneCommand): void;
  /** Events in the order of their source; the handler must not throw. One handler. */
  onEvent(handler: (event: PlaneEvent) => void): void;
  /** Copies the counters; the names are in dataplane/counters.ts. */
  readCounters(): BigInt64Array;
  /** Keeps the process alive (default) or not. */
  ref(): void;
  unref(): void;
  /** Refuses new work, answers what is in flight, syncs, writes checkpoints, joins every thread. Idempotent. */
  close(): Promise<void>;
}

/** One pass over one log; milliseconds and bytes. */
export interface CleaningTask {
  readonly nowMs: bigint;
  readonly deleteRetentionMs: bigint;
  readonly mapBytesMax: number;
  /** How full the map of keys may become, 1 to 100. */
  readonly mapLoadPercent: number;
  /** -1: as fast as it can. */
  readonly bytesPerSecond: number;
  /** 16 random bytes. */
  readonly secret: Uint8Array;
}

/** How a pass ended. 'corrupt': the log is damaged, `message` says where; 'failed': the environment did. */
export interface CleaningResult {
  readonly status: 'done' | 'cancelled' | 'corrupt' | 'failed';
  readonly message: string;
  /** Everything below is clean now. */
  readonly cleanEnd: bigint;
  /** There were more keys than fit: the next pass goes on. */
  readonly mapFull: boolean;
  readonly keys: bigint;
  readonly bytesRead: bigint;
  readonly bytesBefore: bigint;
  readonly bytesAfter: bigint;
  readonly recordsRemoved: bigint;
}

/** The workers of one log directory. */
export interface CleaningPool {
  /** `cleaned` gets each group of new segments as soon as its files are complete. Never rejects. */
  clean(plan: Uint8Array, task: CleaningTask, cleaned: (group: Uint8Array) => void): CleaningRun;
  /** Cancels what runs and ends the workers. */
  close(): Promise<void>;
}

export interface CleaningRun {
  readonly result: Promise<CleaningResult>;
  cancel(): void;
}

/** What the storage format needs of a disk; implemented over node:fs by the composition root, in memory by tests. */
export interface Files {
  read(path: string): Promise<Uint8Array | undefined>;
  /**
   * Durable when it resolves: temporary file, sync, rename, directory sync. `before` are other files, by their paths, that
   * are written as well: they are durable where this one is.
   */
  writeAtomically(path: string, bytes: Uint8Array, before?: ReadonlyMap<string, Uint8Array>): Promise<void>;
  list(path: string): Promise<readonly string[] | undefined>;
  makeDirectory(path: string): Promise<void>;
  remove(path: string): Promise<void>;
}
