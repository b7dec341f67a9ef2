// The world of simulated groups in figures: short times, so that all that takes minutes in life happens within one.
import type { GroupSettings } from '../../../src/core/group/asks.ts';

export const shards = 2;
export const sessionTimeoutMs = 6_000;
/** Longer than a session: nobody who keeps its session is left behind by a rebalance. */
export const rebalanceTimeoutMs = 10_000;
export const topics = ['orders', 'returns'] as const;
export const partitionsPerTopic = 3;
/** Nothing arrives here after the beginning: its offsets are only kept for being in use. */
export const idlePartition = 0;

export const groupSettings: GroupSettings = {
  maxSize: 100,
  minSessionTimeoutMs: 1_000,
  maxSessionTimeoutMs: 60_000,
  initialRebalanceDelayMs: 500,
  offsetMetadataMaxBytes: 100,
  offsetsRetentionMs: 15_000n,
  offsetsRetentionCheckIntervalMs: 2_000,
};

/** A partition that is consumed. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
}

export const places: readonly Place[] = topics.flatMap(topic =>
  Array.from({ length: partitionsPerTopic }, (_, partition) => ({ topic, partition })),
);

export const nameOf = ({ topic, partition }: Place): string => `${topic}-${partition}`;
