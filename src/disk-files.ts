/** The storage format's view of the disk, over node:fs. */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Files } from './runtime/ports.ts';

const isMissing = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR');

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

export const diskFiles: Files = {
  read: path => orUndefined(readFile(path)),

  async writeAtomically(path, bytes) {
    const temporary = `${path}.tmp`;
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  },

  list: path => orUndefined(readdir(path)),

  async makeDirectory(path) {
    const first = await mkdir(path, { recursive: true });
    if (first === undefined) return;
    // Each level that was made is an entry of the one above it.
    for (let made = resolve(path); made.length >= first.length; made = dirname(made))
      await syncDirectory(dirname(made));
  },

  remove: path => rm(path, { recursive: true, force: true }),
};
