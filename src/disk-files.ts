/** The storage format's view of the disk, over node:fs. */
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Files } from './runtime/ports.ts';

const hasCode = (cause: unknown, code: string): boolean =>
  cause instanceof Error && 'code' in cause && cause.code === code;

const isMissing = (cause: unknown): boolean => hasCode(cause, 'ENOENT') || hasCode(cause, 'ENOTDIR');

async function orUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw cause;
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/**
 * Makes the directory and those above it, durably. Not with mkdir's own `recursive`: where a filesystem refuses new names
 * with ENOENT, as /proc does, Node asks again for ever.
 */
async function makeDirectory(path: string): Promise<void> {
  const parent = dirname(path);
  try {
    await mkdir(path);
  } catch (cause) {
    if (hasCode(cause, 'EEXIST') && (await stat(path)).isDirectory()) return;
    if (!isMissing(cause) || (await orUndefined(stat(parent))) !== undefined || parent === path) throw cause;
    await makeDirectory(parent);
    await mkdir(path);
  }
  await syncDirectory(parent);
}

const temporary = (path: string): string => `${path}.tmp`;

async function writeTemporary(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(temporary(path), 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function putInPlace(paths: readonly string[]): Promise<void> {
  await Promise.all(paths.map(path => rename(temporary(path), path)));
  await Promise.all([...new Set(paths.map(dirname))].map(syncDirectory));
}

export const diskFiles: Files = {
  read: path => orUndefined(readFile(path)),

  async writeAtomically(path, bytes, before = new Map()) {
    // Syncs that are under way at once share what the filesystem writes.
    await Promise.all([...before, [path, bytes] as const].map(([name, content]) => writeTemporary(name, content)));
    await putInPlace([...before.keys()]);
    await putInPlace([path]);
  },

  list: path => orUndefined(readdir(path)),

  makeDirectory,

  remove: path => rm(path, { recursive: true, force: true }),
};
