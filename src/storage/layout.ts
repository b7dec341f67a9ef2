// Which log directories there are and in what state: read only.
import { text } from '../base/bytes.ts';
import { type MetaProperties, metaPropertiesFile, readMetaProperties } from '../core/metadata/meta-properties.ts';
import { snapshotsAmong } from '../core/metadata/snapshot-name.ts';
import { metadataPartition } from '../runtime/metadata-log-options.ts';
import type { Files } from '../runtime/ports.ts';
import { onDisk, StorageError } from './storage-error.ts';

export const bootstrapFile = 'bootstrap.checkpoint';

export interface StorageLayout {
  /** Absolute paths of log.dirs, in their order. */
  readonly logDirs: readonly string[];
  /** metadata.log.dir; undefined is the first of log.dirs. */
  readonly metadataLogDir: string | undefined;
  readonly nodeId: number;
}

export interface LogDirectory {
  readonly path: string;
  /** blank: empty or missing. begun: a format was cut short. formatted: has meta.properties. */
  readonly state: 'blank' | 'begun' | 'formatted';
  readonly meta: MetaProperties | undefined;
  /** A name in it that formatting has not put there. */
  readonly data: string | undefined;
}

export interface Survey {
  /** log.dirs, and metadata.log.dir behind them if it is none of them. */
  readonly directories: readonly LogDirectory[];
  readonly metadataIndex: number;
}

/** Rejects with StorageError when a directory is neither blank, nor formatted, nor on its way to be. */
export async function survey(files: Files, { logDirs, metadataLogDir }: StorageLayout): Promise<Survey> {
  const paths = [...new Set(metadataLogDir === undefined ? logDirs : [...logDirs, metadataLogDir])];
  if (paths.length < logDirs.length) throw new StorageError('log.dirs names a directory twice');
  const directories: LogDirectory[] = [];
  for (const path of paths) directories.push(await onDisk(path, () => lookAt(files, path)));
  return { directories, metadataIndex: metadataLogDir === undefined ? 0 : paths.indexOf(metadataLogDir) };
}

/** Left behind by filesystems, and by a data plane that was opened on an empty directory and did not come further. */
const ignorable: ReadonlySet<string> = new Set([
  'lost+found',
  '.lock',
  '.kafka_cleanshutdown',
  'milena.boot',
  'cleaner-offset-checkpoint',
  'log-start-offset-checkpoint',
  'recovery-point-offset-checkpoint',
  'replication-offset-checkpoint',
]);
const ofFormatting: ReadonlySet<string> = new Set([metaPropertiesFile, bootstrapFile, metadataPartition.directory]);
const temporary = '.tmp';

const isData = (name: string): boolean => !ofFormatting.has(name);

async function namesIn(files: Files, path: string): Promise<string[]> {
  const names = (await files.list(path)) ?? [];
  return names.filter(name => !ignorable.has(name) && !name.endsWith(temporary));
}

async function lookAt(files: Files, path: string): Promise<LogDirectory> {
  const bytes = await files.read(`${path}/${metaPropertiesFile}`);
  if (bytes !== undefined) {
    const meta = readMetaProperties(text(bytes));
    if (typeof meta === 'string') throw new StorageError(`${path}/${metaPropertiesFile} ${meta}`);
    return { path, state: 'formatted', meta, data: (await namesIn(files, path)).find(isData) };
  }
  const names = await namesIn(files, path);
  const strange = names.find(isData);
  if (strange !== undefined) {
    throw new StorageError(
      `${path} is not formatted and not empty: it holds ${strange}; name another directory or empty this one`,
    );
  }
  if (names.length === 0) return { path, state: 'blank', meta: undefined, data: undefined };
  // Formatting writes nothing but a first snapshot into the metadata log: more than that is somebody's data.
  const partition = (await files.list(`${path}/${metadataPartition.directory}`)) ?? [];
  const logged = partition.find(
    name => snapshotsAmong([name]).every(id => id.endOffset > 0n) && !name.endsWith(temporary),
  );
  if (logged === undefined) return { path, state: 'begun', meta: undefined, data: undefined };
  throw new StorageError(
    `${path} has no ${metaPropertiesFile}, but its ${metadataPartition.directory} holds ${logged}`,
  );
}
