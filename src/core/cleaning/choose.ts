// Which logs are to be cleaned, and in which order: Kafka's rule. A log is due when more than min.cleanable.dirty.ratio of it is
// dirty, or when max.compaction.lag.ms has passed for something in it; the dirtiest comes first.

/** Bytes, and by how many milliseconds max.compaction.lag.ms has passed for the oldest of them (0: it has not). */
export interface Weight {
  /** A Kafka code; the rest is meaningful when it is 0. */
  readonly error: number;
  readonly cleanBytes: bigint;
  readonly cleanableBytes: bigint;
  readonly overdueMs: bigint;
}

export interface Candidate {
  readonly dirt: Weight;
  /** min.cleanable.dirty.ratio, 0 to 1. */
  readonly minDirtyRatio: number;
}

/** 0 for an empty log. */
export function dirtyRatio({ cleanBytes, cleanableBytes }: Weight): number {
  const total = cleanBytes + cleanableBytes;
  return total === 0n ? 0 : Number(cleanableBytes) / Number(total);
}

export function isDue({ dirt, minDirtyRatio }: Candidate): boolean {
  if (dirt.error !== 0 || dirt.cleanBytes + dirt.cleanableBytes === 0n) return false;
  return (dirt.overdueMs > 0n && dirt.cleanableBytes > 0n) || dirtyRatio(dirt) > minDirtyRatio;
}

/** Those that are due, the dirtiest first. */
export const dirtiestFirst = <C extends Candidate>(candidates: readonly C[]): C[] =>
  candidates.filter(isDue).sort((a, b) => dirtyRatio(b.dirt) - dirtyRatio(a.dirt));
