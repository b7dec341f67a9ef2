import type { Cluster } from './cluster.ts';
import { ClientFailure } from './failure.ts';
import { committedOffsets } from './group-offsets.ts';
import { earliestTimestamp, latestTimestamp, listOffsets, offsetsForTime } from './list-offsets.ts';
import { PartitionMap, spell, type TopicPartition } from './partition-map.ts';

/** Where the offsets of a group are to be set, in the modes of Kafka's own tool. */
export type ResetTo =
  | { readonly to: 'earliest' | 'latest' | 'current' }
  /** The first record not older than ms since 1970; the end of the log where there is none. */
  | { readonly to: 'time'; readonly timestamp: bigint }
  | { readonly to: 'offset'; readonly offset: bigint }
  /** From what is committed; negative goes back. */
  | { readonly to: 'shift'; readonly by: bigint }
  /** Each partition to an offset of its own. */
  | { readonly to: 'plan'; readonly plan: PartitionMap<bigint> };

export interface ResetPlan {
  readonly offsets: PartitionMap<bigint>;
  /** What was not taken as it was asked for: offsets outside of their logs. */
  readonly warnings: readonly string[];
}

/** The offset that each of `partitions` would get. Nothing is changed. */
export async function planReset(
  cluster: Cluster,
  group: string,
  partitions: readonly TopicPartition[],
  reset: ResetTo,
): Promise<ResetPlan> {
  switch (reset.to) {
    case 'earliest':
      return exactly(await listOffsets(cluster, partitions, earliestTimestamp));
    case 'latest':
      return exactly(await listOffsets(cluster, partitions, latestTimestamp));
    case 'time':
      return exactly(await offsetsForTime(cluster, partitions, reset.timestamp));
    case 'current':
      return exactly(await current(cluster, group, partitions));
    case 'offset':
      return withinLogs(cluster, new PartitionMap(partitions.map(at => ({ ...at, value: reset.offset }))));
    case 'shift':
      return withinLogs(cluster, await shifted(cluster, group, partitions, reset.by));
    case 'plan':
      return withinLogs(cluster, reset.plan);
  }
}

const exactly = (offsets: PartitionMap<bigint>): ResetPlan => ({ offsets, warnings: [] });

/** Partitions that the group has not committed get the end of their log, as Kafka's tool sets them. */
async function current(cluster: Cluster, group: string, partitions: readonly TopicPartition[]) {
  const [committed, ends] = await Promise.all([
    committedOffsets(cluster, group, partitions),
    listOffsets(cluster, partitions, latestTimestamp),
  ]);
  return ends.map((end, { topic, partition }) => committed.get(topic, partition)?.offset ?? end);
}

async function shifted(cluster: Cluster, group: string, partitions: readonly TopicPartition[], by: bigint) {
  const committed = await committedOffsets(cluster, group, partitions);
  const missing = partitions.filter(({ topic, partition }) => !committed.has(topic, partition));
  if (missing.length > 0) {
    throw new ClientFailure(`cannot shift what was never committed: ${missing.map(spell).join(', ')}`);
  }
  return committed.map(({ offset }) => offset + by);
}

/** Offsets outside of their logs become the nearest that lies within. */
async function withinLogs(cluster: Cluster, asked: PartitionMap<bigint>): Promise<ResetPlan> {
  const [starts, ends] = await Promise.all([
    listOffsets(cluster, asked, earliestTimestamp),
    listOffsets(cluster, asked, latestTimestamp),
  ]);
  const warnings: string[] = [];
  const offsets = asked.map((offset, at) => {
    const start = starts.get(at.topic, at.partition)!;
    const end = ends.get(at.topic, at.partition)!;
    if (offset >= start && offset <= end) return offset;
    const [nearest, what] = offset > end ? [end, 'above the end'] : [start, 'below the start'];
    warnings.push(`${spell(at)}: offset ${offset} is ${what} of the log, ${nearest} is taken`);
    return nearest;
  });
  return { offsets, warnings };
}
