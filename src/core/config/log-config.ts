/** What the data plane must know of a topic's configuration; names, units and defaults are Kafka's topic configs. */
export interface LogConfig {
  readonly segmentBytes: number;
  readonly segmentMs: bigint;
  readonly segmentJitterMs: bigint;
  readonly segmentIndexBytes: number;
  readonly indexIntervalBytes: number;
  /** -1: for ever. */
  readonly retentionMs: bigint;
  /** -1: any size. */
  readonly retentionBytes: bigint;
  /** With cleanup.policy compact: no segment is written for longer, so that its records can be cleaned in time. */
  readonly maxCompactionLagMs: bigint;
  readonly fileDeleteDelayMs: bigint;
  readonly maxMessageBytes: number;
  readonly minInsyncReplicas: number;
  readonly logAppendTime: boolean;
  readonly timestampBeforeMaxMs: bigint;
  readonly timestampAfterMaxMs: bigint;
  /** 'producer' keeps what was sent. */
  readonly compressionType: 'producer' | 'uncompressed' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  readonly compressionGzipLevel: number;
  readonly compressionLz4Level: number;
  readonly compressionZstdLevel: number;
  /** cleanup.policy; both may be set, and neither means that everything is kept. */
  readonly compact: boolean;
  readonly delete: boolean;
  /** With write.caching: sync after so many records; without, every acknowledged record is synced anyway. */
  readonly flushMessages: bigint;
  /** With write.caching: sync after so many milliseconds. */
  readonly flushMs: bigint;
  /** write.caching: true answers acks=all and shows records before they are synced, as Apache Kafka does. */
  readonly writeCaching: boolean;
}
