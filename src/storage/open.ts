// Opening the log directories at start: formats them on a first start, and refuses, before anything is written, what is
// not ours or what a newer cluster has left there.
import { utf8 } from '../base/bytes.ts';
import { makeUuid, type Uuid } from '../base/uuid.ts';
import { MetadataInspection } from '../core/metadata/inspect.ts';
import { formatMetaProperties, metaPropertiesFile } from '../core/metadata/meta-properties.ts';
import { snapshotName, snapshotsAmong } from '../core/metadata/snapshot-name.ts';
import { metadataPartition } from '../runtime/metadata-log-options.ts';
import type { Files } from '../runtime/ports.ts';
import { type FormatOptions, formatFound, refuseOrphans } from './format.ts';
import { bootstrapFile, type LogDirectory, type Survey, survey } from './layout.ts';
import { onDisk, StorageError } from './storage-error.ts';

export interface OpenedDirectory {
  readonly path: string;
  readonly directoryId: Uuid;
}

export interface OpenedStorage {
  readonly clusterId: string;
  /** In the order the data plane is to be given them: log.dirs, then metadata.log.dir if it is none of them. */
  readonly directories: readonly OpenedDirectory[];
  /** Which of them holds the metadata log. */
  readonly metadataIndex: number;
  /** True when this start has formatted them. */
  readonly isNew: boolean;
}

export interface CheckedStorage {
  /** In the order of OpenedStorage.directories. */
  readonly paths: readonly string[];
  /** True when they will be formatted. */
  readonly isNew: boolean;
}

/** Index of the directory with this id; -1 for none. */
export const logDirOf = (directories: readonly OpenedDirectory[], id: Uuid): number =>
  directories.findIndex(({ directoryId }) => directoryId === id);

/**
 * Refuses with StorageError, one line, what cannot be opened, and writes nothing but missing directories. Returns the
 * paths: lock them, then call openStorage, so that of two starts on one empty directory only one formats it.
 */
export async function checkStorage(options: FormatOptions): Promise<CheckedStorage> {
  const found = await survey(options.files, options);
  const isNew = isFirstStart(found);
  if (isNew) refuseOrphans(found);
  else await verify(options, found);
  for (const { path } of found.directories) await onDisk(path, () => options.files.makeDirectory(path));
  return { paths: found.directories.map(({ path }) => path), isNew };
}

/** Rejects with StorageError. Formats only when every directory is empty or missing (or a format was cut short). */
export async function openStorage(options: FormatOptions): Promise<OpenedStorage> {
  const found = await survey(options.files, options);
  const isNew = isFirstStart(found);
  if (!isNew) return { ...(await opened(options, found)), isNew };
  const directories = await formatFound(options, found);
  const clusterId = refuseStrangers(options, { ...found, directories });
  return { ...(await named(options, directories, clusterId)), metadataIndex: found.metadataIndex, isNew };
}

// The metadata directory is formatted last: while it is not, this is a first start, or refuseOrphans says what it is.
const isFirstStart = ({ directories, metadataIndex }: Survey): boolean =>
  directories[metadataIndex]!.meta === undefined;

async function opened(options: FormatOptions, found: Survey): Promise<Omit<OpenedStorage, 'isNew'>> {
  const clusterId = await verify(options, found);
  return { ...(await named(options, found.directories, clusterId)), metadataIndex: found.metadataIndex };
}

/** Directories of old versions get the id they lack. */
async function named(options: FormatOptions, found: Survey['directories'], clusterId: string) {
  const { files, entropy, nodeId } = options;
  const directories: OpenedDirectory[] = [];
  for (const { path, meta } of found) {
    const directoryId = meta!.directoryId ?? makeUuid(() => entropy.uuid());
    if (meta!.directoryId === undefined) {
      const named = utf8(formatMetaProperties(clusterId, nodeId, directoryId));
      await onDisk(path, () => files.writeAtomically(`${path}/${metaPropertiesFile}`, named));
    }
    directories.push({ path, directoryId });
  }
  return { clusterId, directories };
}

/** Returns the cluster's id. */
async function verify(options: FormatOptions, found: Survey): Promise<string> {
  const clusterId = refuseStrangers(options, found);
  await refuseUnserved(options.files, found.directories[found.metadataIndex]!, options.nodeId);
  return clusterId;
}

/** Returns the id of the cluster to which all of them belong. */
function refuseStrangers({ nodeId }: FormatOptions, { directories, metadataIndex }: Survey): string {
  const { clusterId } = directories[metadataIndex]!.meta!;
  const ids = new Map<Uuid, string>();
  for (const { path, meta } of directories) {
    const problem = whoseProblem(meta, clusterId, nodeId);
    if (problem !== undefined) throw new StorageError(`${path} ${problem}`);
    if (meta!.directoryId === undefined) continue;
    const twin = ids.get(meta!.directoryId);
    if (twin !== undefined) throw new StorageError(`${path} and ${twin} have the same directory.id: one is a copy`);
    ids.set(meta!.directoryId, path);
  }
  return clusterId;
}

function whoseProblem(meta: LogDirectory['meta'], clusterId: string, nodeId: number): string | undefined {
  if (meta === undefined) {
    return 'is not formatted while other log directories are; add it with: milena format --ignore-formatted';
  }
  if (meta.clusterId !== clusterId) return `belongs to cluster ${meta.clusterId}, the metadata log to ${clusterId}`;
  if (meta.nodeId !== nodeId) return `belongs to node ${meta.nodeId}, and node.id is ${nodeId}`;
  return undefined;
}

async function refuseUnserved(files: Files, { path, meta }: LogDirectory, nodeId: number): Promise<void> {
  const inspection = new MetadataInspection();
  const partition = `${path}/${metadataPartition.directory}`;
  await onDisk(partition, async () => {
    const names = (await files.list(partition)) ?? [];
    const newest = snapshotsAmong(names).at(-1);
    if (newest !== undefined)
      inspection.look((await files.read(`${partition}/${snapshotName(newest)}`)) ?? new Uint8Array());
    for (const name of segmentsFrom(names, newest?.endOffset ?? 0n)) {
      inspection.look((await files.read(`${partition}/${name}`)) ?? new Uint8Array());
    }
    // What a cluster begins with counts until it has begun.
    if (inspection.hasFeatures) return;
    const bootstrap = await files.read(`${path}/${bootstrapFile}`);
    if (bootstrap !== undefined) inspection.look(bootstrap);
  });
  // A directory without an id gets one only after this; its quorum is one of kraft.version 0, which names none.
  const problems = inspection.problems(nodeId, meta!.directoryId ?? ('' as Uuid));
  if (problems.length === 0) return;
  throw new StorageError(`${path} was used by a cluster with what this version does not serve: ${problems.join('; ')}`);
}

/** Segments that may hold records at or behind `offset`, in order. */
function segmentsFrom(names: readonly string[], offset: bigint): string[] {
  const segments = names.filter(name => /^\d{20}\.log$/.test(name)).sort();
  const next = segments.findIndex(name => BigInt(name.slice(0, 20)) > offset);
  return segments.slice(Math.max(0, (next === -1 ? segments.length : next) - 1));
}
