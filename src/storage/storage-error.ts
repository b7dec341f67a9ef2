/** The data directories cannot be used; the message is one line for the operator and names the directory. */
export class StorageError extends Error {
  override name = 'StorageError';
}

/** Runs file work on `path`; what the system refuses becomes a StorageError. */
export async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
      throw new StorageError(`${path}: ${reasons[error.code] ?? error.message}`, { cause: error });
    }
    throw error;
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the filesystem is read-only',
  ENOSPC: 'no space left on the device',
  ENOTDIR: 'a part of the path is not a directory',
  EEXIST: 'it exists and is not a directory',
};
