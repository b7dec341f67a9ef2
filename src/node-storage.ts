// The log directories of a node: opened, or formatted on a first start, and what the other parts ask of them.
import { statfs } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Uuid } from './base/uuid.ts';
import type { ControllerEndpoint } from './core/metadata/raft-facts.ts';
import { diskFiles } from './disk-files.ts';
import { systemClock, systemEntropy } from './host.ts';
import type { NodeConfig } from './node-config.ts';
import type { Log } from './server/log.ts';
import { StartFailure } from './server/start-failure.ts';
import type { Volumes } from './server/volumes.ts';
import type { FormatOptions } from './storage/format.ts';
import { type CheckedStorage, checkStorage, logDirOf, openStorage } from './storage/open.ts';
import { StorageError } from './storage/storage-error.ts';

export interface NodeStorage {
  readonly clusterId: string;
  /** Of log.dirs, in their order. */
  readonly directoryIds: readonly Uuid[];
  readonly metadata: { readonly directory: string; readonly logDir: number; readonly directoryId: Uuid };
  readonly logDirOf: (topic: string, partitionIndex: number, directoryId: Uuid | undefined) => number;
  readonly volumes: Volumes;
}

export function storageOptions(node: NodeConfig, controllerEndpoint: ControllerEndpoint): FormatOptions {
  const metadataLogDir = node.config.raw('metadata.log.dir');
  return {
    files: diskFiles,
    clock: systemClock,
    entropy: systemEntropy,
    logDirs: node.plane.logDirs,
    metadataLogDir: metadataLogDir === null ? undefined : resolve(metadataLogDir),
    nodeId: node.nodeId,
    controllerEndpoint,
  };
}

/** The directories to lock; refuses what cannot be opened before anything is written. Rejects with StartFailure FORMAT or IO. */
export const checkNodeStorage = (node: NodeConfig, endpoint: ControllerEndpoint): Promise<CheckedStorage> =>
  explained(() => checkStorage(storageOptions(node, endpoint)));

/** Opens or formats directories that are locked by now. Rejects with StartFailure FORMAT or IO. */
export async function openNodeStorage(node: NodeConfig, endpoint: ControllerEndpoint, log: Log): Promise<NodeStorage> {
  const { clusterId, directories, metadataIndex, isNew } = await explained(() =>
    openStorage(storageOptions(node, endpoint)),
  );
  const paths = directories.map(({ path }) => path);
  if (isNew) log.info(`formatted ${paths.join(', ')} for cluster ${clusterId}`);
  const own = directories.slice(0, node.plane.logDirs.length);
  const metadata = directories[metadataIndex]!;
  return {
    clusterId,
    directoryIds: own.map(({ directoryId }) => directoryId),
    metadata: { directory: metadata.path, logDir: metadataIndex, directoryId: metadata.directoryId },
    logDirOf(topic, partitionIndex, directoryId) {
      const assigned = directoryId === undefined ? -1 : logDirOf(directories, directoryId);
      if (assigned >= 0) return assigned;
      // Old clusters do not say which directory (KIP-858): it is where the partition lies already.
      const found = own.findIndex(({ path }) =>
        process.getBuiltinModule('node:fs').existsSync(join(path, `${topic}-${partitionIndex}`)),
      );
      return Math.max(found, 0);
    },
    volumes: { directories: own, space },
  };
}

/** A StorageError as the StartFailure that the operator reads. */
export async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof StorageError)) throw cause;
    throw new StartFailure(cause.cause === undefined ? 'FORMAT' : 'IO', cause.message, { cause });
  }
}

async function space(path: string): Promise<{ totalBytes: bigint; usableBytes: bigint }> {
  const { bsize, blocks, bavail } = await statfs(path, { bigint: true });
  return { totalBytes: blocks * bsize, usableBytes: bavail * bsize };
}
