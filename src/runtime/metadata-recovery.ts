// From the files of `__cluster_metadata-0` to an image and a new epoch: newest snapshot, then the log behind it.

import { uuidToBytes, zeroUuid } from '../base/uuid.ts';
import { metadataVersionFeature, metadataVersionLatest } from '../core/metadata/features.ts';
import { emptyImage } from '../core/metadata/image.ts';
import { MetadataLoader } from '../core/metadata/loader.ts';
import { quorumProblem } from '../core/metadata/raft-facts.ts';
import type { MetadataRecordInit } from '../core/metadata/records.ts';
import { ReplayError } from '../core/metadata/replay.ts';
import { raftRecords } from '../core/metadata/snapshot-file.ts';
import { type SnapshotId, snapshotName, snapshotsAmong } from '../core/metadata/snapshot-name.ts';
import { featureRecord } from '../core/metadata/snapshot-records.ts';
import type { ControlRecordInit } from '../protocol/records/control.ts';
import { WireError } from '../protocol/wire.ts';
import { MetadataLogError, type MetadataLogOptions, metadataPartition } from './metadata-log-options.ts';
import { PlaneError, type PlanePartition } from './plane-partition.ts';
import type { LogConfig } from './ports.ts';
import { becomeLeader } from './raft-quorum-of-one.ts';

export interface Recovered {
  readonly loader: MetadataLoader;
  readonly epoch: number;
  /** On disk, oldest first. */
  readonly snapshots: readonly SnapshotId[];
  /** Of the log behind the newest snapshot. */
  readonly bytesSinceSnapshot: number;
  /** To be appended first: the new leader, and the voters if the log does not name them yet. */
  readonly controlRecords: readonly ControlRecordInit[];
  /** To be appended next: what a new cluster begins with, or the end of a transaction that was left open. */
  readonly records: readonly MetadataRecordInit[];
}

/** One read of the log at start, at most this much at a time (and always a whole batch). */
const readBytes = 1024 * 1024;
/** Kafka's limit on a batch of the metadata log. */
const batchBytesMax = 8 * 1024 * 1024;
const foreverMs = 2n ** 63n - 1n;

export async function recover(options: MetadataLogOptions, partition: PlanePartition): Promise<Recovered> {
  try {
    return await load(options, partition);
  } catch (error) {
    if (!(error instanceof ReplayError || error instanceof WireError || error instanceof PlaneError)) throw error;
    throw new MetadataLogError(`${partitionPath(options)}: ${error.message}`);
  }
}

const partitionPath = ({ directory }: MetadataLogOptions): string => `${directory}/${metadataPartition.directory}`;

async function load(options: MetadataLogOptions, partition: PlanePartition): Promise<Recovered> {
  const { files, nodeId, directoryId } = options;
  const directory = partitionPath(options);
  const { loader, snapshots } = await loadNewestSnapshot(options, directory);
  const { leaderEpoch: epoch, stored } = await becomeLeader(files, directory, nodeId, loader.raft, loader.image.epoch);
  const opened = partition.lead({
    topicId: uuidToBytes(metadataPartition.id),
    topic: metadataPartition.topic,
    partitionIndex: metadataPartition.index,
    logDir: options.logDir,
    leaderEpoch: epoch,
    isNew: false,
    isInternal: true,
    config: logConfig(options),
  });
  const [{ logStartOffset, logEndOffset }] = await Promise.all([opened, stored]);
  if (logStartOffset > loader.image.offset + 1n) {
    throw new ReplayError(`no snapshot reaches the start of the log at offset ${logStartOffset}`);
  }
  if (logEndOffset < loader.image.offset + 1n) {
    throw new ReplayError(`the log ends at offset ${logEndOffset}, before the snapshot ${loader.image.offset + 1n}`);
  }
  const bytesSinceSnapshot = await replayLog(loader, partition, logEndOffset);
  const problem = quorumProblem(loader.raft, nodeId, directoryId);
  if (problem !== undefined) throw new MetadataLogError(`${directory} belongs to ${problem}`);
  // The log of a new quorum repeats what formatting has written into the first snapshot.
  const controlRecords = [leaderChange(nodeId), ...(logEndOffset === 0n ? raftRecords(loader.raft) : [])];
  const records = await firstRecords(options, loader);
  return { loader, epoch, snapshots, bytesSinceSnapshot, controlRecords, records };
}

function leaderChange(nodeId: number): ControlRecordInit {
  // Version 0 has no directory ids.
  const self = [{ voterId: nodeId, voterDirectoryId: zeroUuid }];
  return { kind: 'leaderChange', data: { version: 0, leaderId: nodeId, voters: self, grantingVoters: self } };
}

async function loadNewestSnapshot(options: MetadataLogOptions, directory: string) {
  const { files, clusterId, notice } = options;
  const names = (await files.list(directory)) ?? [];
  // A write that was cut short by the end of the process; what it was to replace is still there.
  for (const name of names.filter(name => name.endsWith('.tmp'))) await files.remove(`${directory}/${name}`);
  const snapshots = snapshotsAmong(names);
  for (let newest = snapshots.at(-1); newest !== undefined; newest = snapshots.at(-1)) {
    const loader = new MetadataLoader(emptyImage(clusterId));
    const name = snapshotName(newest);
    const bytes = await files.read(`${directory}/${name}`);
    try {
      if (bytes === undefined) throw new WireError('it vanished');
      loader.loadSnapshot(bytes, newest.endOffset, newest.epoch);
      return { loader, snapshots };
    } catch (error) {
      if (!(error instanceof WireError || error instanceof ReplayError)) throw error;
      // The log keeps everything since the snapshot before, so an older one or none may still do.
      notice('error', `${directory}/${name} cannot be used: ${error.message}`);
      snapshots.pop();
    }
  }
  return { loader: new MetadataLoader(emptyImage(clusterId)), snapshots };
}

/** Returns the bytes read. */
async function replayLog(loader: MetadataLoader, partition: PlanePartition, logEndOffset: bigint): Promise<number> {
  let bytes = 0;
  for (let from = loader.image.offset + 1n; from < logEndOffset; from = loader.image.offset + 1n) {
    const readable = partition.highWatermark;
    const slice = await partition.read(from, readBytes);
    loader.loadLog(slice);
    bytes += slice.length;
    if (loader.image.offset + 1n > from) continue;
    if (readable > from) throw new ReplayError(`the log has no records at offset ${from}, before its end`);
    // What recovery has found counts as committed when it is synced, which the plane tells by the high watermark.
    if (partition.highWatermark === readable) await partition.moved();
  }
  return bytes;
}

async function firstRecords(options: MetadataLogOptions, loader: MetadataLoader): Promise<MetadataRecordInit[]> {
  const { image, transactionOpen } = loader;
  if (transactionOpen) {
    return [{ type: 'abortTransaction', version: 0, data: { reason: 'the controller restarted' } }];
  }
  if (image.features.has(metadataVersionFeature) || image.topicsById.size > 0) return [];
  const bootstrap = await options.files.read(`${options.directory}/bootstrap.checkpoint`);
  if (bootstrap === undefined) return [featureRecord(metadataVersionFeature, metadataVersionLatest)];
  const formatted = new MetadataLoader(emptyImage(options.clusterId));
  formatted.loadSnapshot(bootstrap, 0n, 0);
  return [...formatted.image.features].map(([name, level]) => featureRecord(name, level));
}

/** Large segments, nothing deleted but what snapshots replace. */
function logConfig({ limits }: MetadataLogOptions): LogConfig {
  return {
    segmentBytes: limits.segmentBytes,
    segmentMs: limits.segmentMs,
    segmentJitterMs: 0n,
    segmentIndexBytes: 10 * 1024 * 1024,
    indexIntervalBytes: 4096,
    retentionMs: -1n,
    retentionBytes: -1n,
    maxCompactionLagMs: 0x7fffffffffffffffn,
    fileDeleteDelayMs: 60_000n,
    maxMessageBytes: batchBytesMax,
    minInsyncReplicas: 1,
    logAppendTime: false,
    timestampBeforeMaxMs: foreverMs,
    timestampAfterMaxMs: foreverMs,
    compressionType: 'producer',
    compressionGzipLevel: -1,
    compressionLz4Level: 9,
    compressionZstdLevel: 3,
    compact: false,
    delete: false,
    flushMessages: foreverMs,
    flushMs: foreverMs,
    writeCaching: false,
  };
}
