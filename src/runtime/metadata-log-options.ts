// What a metadata log is made of.
import { metadataTopicId, type Uuid } from '../base/uuid.ts';
import { clusterMetadataTopic } from '../core/metadata/topic-names.ts';
import type { PartitionHandles } from './handles.ts';
import type { Clock, DataPlane, Entropy, Files } from './ports.ts';
import type { Tickets } from './tickets.ts';

/** The one partition of the metadata log. */
export const metadataPartition = {
  id: metadataTopicId,
  topic: clusterMetadataTopic,
  index: 0,
  directory: `${clusterMetadataTopic}-0`,
} as const;

/** Kafka's keys and defaults. */
export interface MetadataLogLimits {
  /** metadata.log.segment.bytes */
  readonly segmentBytes: number;
  /** metadata.log.segment.ms */
  readonly segmentMs: bigint;
  /** metadata.log.max.record.bytes.between.snapshots */
  readonly bytesBetweenSnapshots: number;
  /** metadata.log.max.snapshot.interval.ms; 0 for never by time. */
  readonly snapshotIntervalMs: number;
  /** metadata.max.retention.bytes of log and snapshots together; negative for any. */
  readonly retentionBytes: bigint;
  /** metadata.max.retention.ms of snapshots and the log before them; negative for ever. */
  readonly retentionMs: bigint;
}

export type NoticeLevel = 'info' | 'warn' | 'error';

export interface MetadataLogOptions {
  readonly plane: Pick<DataPlane, 'submit'>;
  readonly handles: PartitionHandles;
  readonly tickets: Tickets;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly files: Files;
  /** Path of the log directory with `__cluster_metadata-0` in it, and its index in DataPlaneOptions.logDirs. */
  readonly directory: string;
  readonly logDir: number;
  readonly directoryId: Uuid;
  readonly clusterId: string;
  readonly nodeId: number;
  readonly limits: MetadataLogLimits;
  /** A line for the log. */
  readonly notice: (level: NoticeLevel, message: string) => void;
}

/** The metadata log cannot be opened; the message is one line for the operator. */
export class MetadataLogError extends Error {
  override name = 'MetadataLogError';
}
