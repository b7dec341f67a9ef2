/** The disks behind the log directories. */
export interface LogDirectory {
  /** Absolute path, as clients are shown it. */
  readonly path: string;
}

export interface Volumes {
  /** In the order of log.dirs. */
  readonly directories: readonly LogDirectory[];
  /** Size and free bytes of the file system below `path`. Rejects when it cannot be asked. */
  space(path: string): Promise<{ readonly totalBytes: bigint; readonly usableBytes: bigint }>;
}
