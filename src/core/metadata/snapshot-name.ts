// Names of snapshot files: `00000000000000000042-0000000003.checkpoint` contains every record before offset 42, the last
// of them of epoch 3.

export interface SnapshotId {
  /** Exclusive. */
  readonly endOffset: bigint;
  readonly epoch: number;
}

const form = /^(\d{20})-(\d{10})\.checkpoint$/;

export const snapshotName = ({ endOffset, epoch }: SnapshotId): string =>
  `${endOffset.toString().padStart(20, '0')}-${epoch.toString().padStart(10, '0')}.checkpoint`;

/** Undefined for files that are no finished snapshot. */
export function parseSnapshotName(name: string): SnapshotId | undefined {
  const match = form.exec(name);
  return match === null ? undefined : { endOffset: BigInt(match[1]!), epoch: Number(match[2]) };
}

/** The snapshots among file names, oldest first. */
export function snapshotsAmong(names: readonly string[]): SnapshotId[] {
  const ids = names.flatMap(name => parseSnapshotName(name) ?? []);
  return ids.sort((a, b) => (a.endOffset === b.endOffset ? a.epoch - b.epoch : a.endOffset < b.endOffset ? -1 : 1));
}
