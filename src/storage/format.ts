// Formatting of log directories, as `kafka-storage format --standalone` does it: who owns them (meta.properties), what a
// new cluster begins with (bootstrap.checkpoint), and a quorum whose only voter is this node (the first snapshot of
// `__cluster_metadata-0`). meta.properties is written last: a directory without it was never formatted.
import { utf8 } from '../base/bytes.ts';
import { makeUuid, parseUuid, type Uuid } from '../base/uuid.ts';
import { metadataVersionFeature, metadataVersionLatest } from '../core/metadata/features.ts';
import { formatMetaProperties, type MetaProperties, metaPropertiesFile } from '../core/metadata/meta-properties.ts';
import { type ControllerEndpoint, standalone } from '../core/metadata/raft-facts.ts';
import { encodeSnapshot } from '../core/metadata/snapshot-file.ts';
import { snapshotName } from '../core/metadata/snapshot-name.ts';
import { featureRecord } from '../core/metadata/snapshot-records.ts';
import { metadataPartition } from '../runtime/metadata-log-options.ts';
import type { Clock, Entropy, Files } from '../runtime/ports.ts';
import { bootstrapFile, type LogDirectory, type StorageLayout, type Survey, survey } from './layout.ts';
import { onDisk, StorageError } from './storage-error.ts';

export interface FormatOptions extends StorageLayout {
  readonly files: Files;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** Where the controller listens, as other nodes of the quorum would reach it. */
  readonly controllerEndpoint: ControllerEndpoint;
}

export interface Formatted {
  readonly clusterId: string;
  /** Paths that were formatted now; others were before. */
  readonly formatted: readonly string[];
}

/** A directory as it is after formatting. */
export type FormattedDirectory = LogDirectory & { readonly meta: MetaProperties };

/**
 * `milena format`: formats every directory that is empty or missing. Directories that hold something else are refused;
 * ones formatted before too, unless `ignoreFormatted`, which adds new disks to a cluster that exists.
 */
export async function formatStorage(
  options: FormatOptions,
  clusterId?: string,
  ignoreFormatted = false,
): Promise<Formatted> {
  if (clusterId !== undefined && parseUuid(clusterId) === undefined) {
    throw new StorageError(`${clusterId} is not a cluster id: 22 characters of base64url that spell 16 bytes`);
  }
  const found = await survey(options.files, options);
  const { directories } = found;
  const before = directories.find(({ meta }) => meta !== undefined);
  if (before !== undefined && !ignoreFormatted && !directories.some(({ state }) => state === 'begun')) {
    throw new StorageError(`${before.path} is already formatted`);
  }
  const after = await formatFound(options, found, clusterId);
  return {
    clusterId: after[found.metadataIndex]!.meta.clusterId,
    formatted: inOrder(found)
      .filter(index => directories[index]!.meta === undefined)
      .map(index => directories[index]!.path),
  };
}

/** Formats what is not formatted of `found`; returns the same directories as they are then. */
export async function formatFound(
  options: FormatOptions,
  found: Survey,
  clusterId?: string,
): Promise<FormattedDirectory[]> {
  const { nodeId } = options;
  const { directories, metadataIndex } = found;
  const before = directories.find(({ meta }) => meta !== undefined);
  const chosen = clusterId ?? before?.meta?.clusterId ?? newUuid(options.entropy);
  const stranger = directories.find(({ meta }) => meta && (meta.clusterId !== chosen || meta.nodeId !== nodeId));
  if (stranger !== undefined) {
    throw new StorageError(
      `${stranger.path} belongs to node ${stranger.meta!.nodeId} of cluster ${stranger.meta!.clusterId}, not to node ${nodeId} of ${chosen}`,
    );
  }
  refuseOrphans(found);
  const after: FormattedDirectory[] = [];
  for (const index of inOrder(found)) {
    const directory = directories[index]!;
    const meta = directory.meta ?? (await formatDirectory(options, directory, chosen, index === metadataIndex));
    after[index] = { ...directory, state: 'formatted', meta };
  }
  return after;
}

/** The metadata directory comes last: until it is formatted, a format that was cut short can be taken up again. */
const inOrder = ({ directories, metadataIndex }: Survey): number[] => [
  ...[...directories.keys()].filter(index => index !== metadataIndex),
  metadataIndex,
];

/** Data beside a metadata directory that is not formatted: the log that knows of it is gone. */
export function refuseOrphans({ directories, metadataIndex }: Survey): void {
  const metadata = directories[metadataIndex]!;
  const orphan = metadata.meta === undefined ? directories.find(({ data }) => data !== undefined) : undefined;
  if (orphan === undefined) return;
  throw new StorageError(
    `${orphan.path} holds ${orphan.data}, but the metadata log that knows of it is missing in ${metadata.path}`,
  );
}

const newUuid = (entropy: Entropy): Uuid => makeUuid(() => entropy.uuid());

async function formatDirectory(
  { files, clock, entropy, nodeId, controllerEndpoint }: FormatOptions,
  { path }: LogDirectory,
  clusterId: string,
  isMetadata: boolean,
): Promise<MetaProperties> {
  const directoryId = newUuid(entropy);
  const nowMs = clock.wallMs();
  const empty = { lastTimestampMs: 0n, epoch: 0, nowMs };
  await onDisk(path, async () => {
    await files.makeDirectory(path);
    const first = new Map<string, Uint8Array>();
    const features = [featureRecord(metadataVersionFeature, metadataVersionLatest)];
    const bootstrap = encodeSnapshot({ ...empty, raft: undefined, records: features });
    first.set(`${path}/${bootstrapFile}`, bootstrap);
    if (isMetadata) {
      const partition = `${path}/${metadataPartition.directory}`;
      await files.makeDirectory(partition);
      const raft = standalone(nodeId, directoryId, controllerEndpoint);
      const snapshot = encodeSnapshot({ ...empty, lastTimestampMs: nowMs, raft, records: [] });
      first.set(`${partition}/${snapshotName({ endOffset: 0n, epoch: 0 })}`, snapshot);
    }
    const meta = formatMetaProperties(clusterId, nodeId, directoryId);
    await files.writeAtomically(`${path}/${metaPropertiesFile}`, utf8(meta), first);
  });
  return { clusterId, nodeId, directoryId };
}
