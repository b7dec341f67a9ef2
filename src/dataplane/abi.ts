/**
 * What crosses the strait between the planes, as plain data: the commands, events and options of runtime/ports.ts.
 * Interpreters: codec.ts (bytes on the TypeScript side), scripts/gen-abi.mjs (native/plane/abi.gen.h), the tests.
 * Form: little-endian, fields in the order given, a message is `u32 size | u8 tag | fields`, its tag the position in its table.
 * Both sides are built together, so nothing here is versioned.
 */

export type AbiType =
  /** `count`: a JavaScript number that may exceed 32 bits, sent as i64. `uuid`: 16 bytes. */
  | 'bool'
  | 'i16'
  | 'i32'
  | 'u32'
  | 'i64'
  | 'count'
  | 'uuid'
  | 'string'
  | 'bytes'
  | { readonly enum: string; readonly of: readonly string[] }
  | { readonly struct: string; readonly fields: AbiFields }
  | { readonly array: AbiType };
export type AbiFields = { readonly [name: string]: AbiType };
export type AbiMessages = { readonly [name: string]: AbiFields };

type Scalar = {
  bool: boolean;
  i16: number;
  i32: number;
  u32: number;
  i64: bigint;
  count: number;
  uuid: Uint8Array;
  string: string;
  bytes: Uint8Array;
};
/** The value a type stands for. */
export type AbiValue<T extends AbiType> = T extends keyof Scalar
  ? Scalar[T]
  : T extends { readonly enum: string; readonly of: readonly (infer Name)[] }
    ? Name
    : T extends { readonly fields: infer F extends AbiFields }
      ? AbiStruct<F>
      : T extends { readonly array: infer Item extends AbiType }
        ? readonly AbiValue<Item>[]
        : never;
export type AbiStruct<F extends AbiFields> = { readonly [K in keyof F]: AbiValue<F[K]> };
/** One message of a table, told apart by `type`. */
export type AbiUnion<M extends AbiMessages> = { [K in keyof M]: { readonly type: K } & AbiStruct<M[K]> }[keyof M];

const partition = { struct: 'PartitionHandle', fields: { index: 'u32', generation: 'u32' } } as const;
const connection = { struct: 'ConnectionHandle', fields: { index: 'u32', generation: 'u32' } } as const;

const logConfig = {
  struct: 'LogConfig',
  fields: {
    segmentBytes: 'i32',
    segmentMs: 'i64',
    segmentJitterMs: 'i64',
    segmentIndexBytes: 'i32',
    indexIntervalBytes: 'i32',
    retentionMs: 'i64',
    retentionBytes: 'i64',
    maxCompactionLagMs: 'i64',
    fileDeleteDelayMs: 'i64',
    maxMessageBytes: 'i32',
    minInsyncReplicas: 'i32',
    logAppendTime: 'bool',
    timestampBeforeMaxMs: 'i64',
    timestampAfterMaxMs: 'i64',
    compressionType: { enum: 'CompressionType', of: ['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'] },
    compressionGzipLevel: 'i32',
    compressionLz4Level: 'i32',
    compressionZstdLevel: 'i32',
    compact: 'bool',
    delete: 'bool',
    flushMessages: 'i64',
    flushMs: 'i64',
    writeCaching: 'bool',
  },
} as const;

const producerState = {
  struct: 'ProducerState',
  fields: {
    producerId: 'i64',
    producerEpoch: 'i16',
    lastSequence: 'i32',
    lastTimestamp: 'i64',
    coordinatorEpoch: 'i32',
    currentTxnStartOffset: 'i64',
  },
} as const;

const partitionFacts = {
  struct: 'PartitionFacts',
  fields: {
    error: 'i16',
    logStartOffset: 'i64',
    highWatermark: 'i64',
    lastStableOffset: 'i64',
    logEndOffset: 'i64',
    sizeBytes: 'i64',
    producers: { array: producerState },
  },
} as const;

/** What a cleaner is asked for, per partition: where it stopped last (-1: never) and the topic's lags, in milliseconds. */
const dirtQuery = {
  struct: 'DirtQuery',
  fields: { partition, cleanEnd: 'i64', minCompactionLagMs: 'i64', maxCompactionLagMs: 'i64' },
} as const;

/** Offsets, bytes, and by how many milliseconds max.compaction.lag.ms has passed. */
const partitionDirt = {
  struct: 'PartitionDirt',
  fields: {
    error: 'i16',
    firstDirty: 'i64',
    firstUncleanable: 'i64',
    logEndOffset: 'i64',
    cleanBytes: 'i64',
    cleanableBytes: 'i64',
    overdueMs: 'i64',
  },
} as const;

const faultCall = {
  enum: 'FaultCall',
  of: [
    'open',
    'read',
    'write',
    'sync',
    'truncate',
    'rename',
    'remove',
    'makeDirectory',
    'syncDirectory',
    'list',
    'stat',
    'readInMemory',
  ],
} as const;

export const commands = {
  lead: {
    partition,
    topicId: 'uuid',
    topic: 'string',
    partitionIndex: 'i32',
    logDir: 'u32',
    leaderEpoch: 'i32',
    isNew: 'bool',
    isInternal: 'bool',
    config: logConfig,
  },
  setConfig: { partition, config: logConfig },
  drop: { partition, ticket: 'count' },
  deleteBefore: { partition, offset: 'i64', ticket: 'count' },
  append: { partition, leaderEpoch: 'i32', ticket: 'count', batch: 'bytes' },
  read: { partition, from: 'i64', maxBytes: 'u32', ticket: 'count' },
  watch: { partition },
  query: { ticket: 'count', what: { enum: 'QueryWhat', of: ['producers', 'log'] }, partitions: { array: partition } },
  dirt: { ticket: 'count', logDir: 'u32', nowMs: 'i64', partitions: { array: dirtQuery } },
  planCleaning: { ticket: 'count', partition, firstDirty: 'i64', firstUncleanable: 'i64' },
  replaceSegments: { ticket: 'count', partition, group: 'bytes' },
  respond: { connection, response: 'bytes' },
  disconnect: { connection },
  remember: { listener: 'u32', request: 'bytes', response: 'bytes' },
  forget: {},
  /** Test-only, refused unless the plane was opened with `faultHooks` (faults.ts). */
  holdSyncs: { hold: 'bool' },
  /** Test-only: the n-th call of the kind from now (1: the next) fails with `errno`, with `forever` all after it too. */
  failCall: {
    call: faultCall,
    nth: 'u32',
    errno: 'i32',
    forever: 'bool',
  },
  /** Test-only: the process ends as by kill -9 instead of making the n-th call of the kind from now. */
  killAtCall: { call: faultCall, nth: 'u32' },
} as const satisfies AbiMessages;

export const events = {
  request: { connection, listener: 'u32', peerAddress: 'string', frame: 'bytes' },
  closed: { connection },
  led: { partition, error: 'i16', logStartOffset: 'i64', logEndOffset: 'i64', message: 'string' },
  done: { ticket: 'count', error: 'i16', offset: 'i64' },
  appended: { ticket: 'count', error: 'i16', baseOffset: 'i64' },
  readDone: { ticket: 'count', error: 'i16', batches: 'bytes' },
  queried: { ticket: 'count', partitions: { array: partitionFacts } },
  dirty: { ticket: 'count', partitions: { array: partitionDirt } },
  cleaningPlanned: { ticket: 'count', error: 'i16', plan: 'bytes' },
  highWatermark: { partition, offset: 'i64' },
  failed: { logDir: 'u32', path: 'string', errno: 'i32', message: 'string' },
  notice: { level: { enum: 'NoticeLevel', of: ['info', 'warn', 'error'] }, message: 'string' },
  /** The last event of a plane: every thread has ended. Seen by client.ts only. */
  stopped: {},
} as const satisfies AbiMessages;

const abortedTransaction = {
  struct: 'AbortedTransaction',
  fields: { producerId: 'i64', firstOffset: 'i64', lastOffset: 'i64', lastStableOffset: 'i64' },
} as const;

/** What passes through main between the plane and a cleaning worker, and the worker's own messages. */
export const cleaning = {
  /** From `cleaningPlanned` to the worker: one log's segments, the active one last, and its producers. */
  CleaningPlan: {
    path: 'string',
    segments: {
      array: {
        struct: 'PlannedSegment',
        fields: { base: 'i64', size: 'u32', indexBytes: 'u32', timeIndexBytes: 'u32', hasTransactionIndex: 'bool' },
      },
    },
    firstDirty: 'i64',
    firstUncleanable: 'i64',
    segmentBytes: 'u32',
    segmentIndexBytes: 'u32',
    indexIntervalBytes: 'u32',
    producers: {
      array: { struct: 'PlannedProducer', fields: { producerId: 'i64', epoch: 'i16', lastDataOffset: 'i64' } },
    },
  },
  /** The rest of a job, from main. Digests of keys are keyed by the secret. */
  CleaningTask: {
    nowMs: 'i64',
    deleteRetentionMs: 'i64',
    mapBytesMax: 'count',
    mapLoadPercent: 'u32',
    /** -1: as fast as it can. */
    bytesPerSecond: 'count',
    secret: 'uuid',
  },
  /** From the worker to `replaceSegments`: complete files beside those of the segments they replace. */
  CleanedSegments: {
    replaced: { array: 'i64' },
    size: 'u32',
    offsetEntries: 'u32',
    timeEntries: 'u32',
    maxTimestamp: 'i64',
    maxTimestampOffset: 'i64',
    aborted: { array: abortedTransaction },
  },
  /** The worker's last word. */
  CleaningResult: {
    status: { enum: 'CleaningStatus', of: ['done', 'cancelled', 'corrupt', 'failed'] },
    errno: 'i32',
    message: 'string',
    cleanEnd: 'i64',
    mapFull: 'bool',
    keys: 'i64',
    bytesRead: 'i64',
    bytesBefore: 'i64',
    bytesAfter: 'i64',
    recordsRemoved: 'i64',
  },
} as const satisfies AbiMessages;

/** DataPlaneOptions and what only tests ask for. */
export const options = {
  reactors: 'u32',
  logDirs: { array: 'string' },
  appendMode: { enum: 'AppendMode', of: ['inline', 'lane'] },
  appendBackend: { enum: 'AppendBackend', of: ['pwritev', 'io_uring'] },
  syncBackend: { enum: 'SyncCalls', of: ['threads', 'io_uring', 'syncfs'] },
  socketRequestMaxBytes: 'i32',
  queuedMaxRequestBytes: 'count',
  connectionsMaxIdleMs: 'count',
  maxConnections: 'u32',
  socketSendBufferBytes: 'i32',
  socketReceiveBufferBytes: 'i32',
  fetchMaxBytes: 'i32',
  maxIncrementalFetchSessionCacheSlots: 'u32',
  producerIdExpirationMs: 'count',
  retentionCheckIntervalMs: 'count',
  recoveryPointCheckpointIntervalMs: 'count',
  recoveryThreadsPerDataDir: 'u32',
  nodeId: 'i32',
  faultHooks: 'bool',
} as const satisfies AbiFields;

/** Cells of readCounters(), in order; names as dotted words, units last. */
export const counters = [
  'produce_requests',
  'produce_bytes',
  'produce_errors',
  'fetch_requests',
  'fetch_bytes',
  'fetches_parked',
  'fetches_woken',
  'fetches_parked_now',
  'list_offsets_requests',
  'leader_epoch_requests',
  'requests_to_main',
  'requests_known',
  'appends',
  'pwritev_calls',
  'group_commits',
  'files_synced',
  'sendfile_calls',
  'sendfile_bytes',
  'pread_calls',
  'cold_reads',
  'connections_now',
  'connections_accepted',
  'connections_closed',
  'bytes_in',
  'bytes_out',
  'request_memory_bytes',
  'request_memory_waits',
  'fetch_sessions_now',
  'fetch_sessions_created',
  'fetch_sessions_evicted',
  'events_to_main',
  'bells',
] as const;
export type CounterName = (typeof counters)[number];
