import type { Cluster } from './cluster.ts';
import type { DescribedGroup, GroupMember } from './group-admin.ts';
import { type Committed, committedOffsets } from './group-offsets.ts';
import { latestTimestamp, listOffsets } from './list-offsets.ts';
import { inOrder, PartitionMap, type TopicPartition } from './partition-map.ts';

/** One partition as a group stands to it. Nulls: nothing committed, the topic is gone, nobody reads it. */
export interface PartitionLag extends TopicPartition {
  readonly committed: Committed | null;
  readonly logEndOffset: bigint | null;
  /** Records between the committed offset and the end of the log; never negative. */
  readonly lag: bigint | null;
  readonly member: GroupMember | null;
}

/** Every partition that the group has committed or that a member reads, in order. */
export async function lagOf(cluster: Cluster, { group, members }: DescribedGroup): Promise<PartitionLag[]> {
  const readers = new PartitionMap<GroupMember>();
  for (const member of members) for (const at of member.assignment) readers.set(at.topic, at.partition, member);
  const committed = await committedOffsets(cluster, group);
  const all = new PartitionMap<boolean>();
  for (const { topic, partition } of [...readers, ...committed]) all.set(topic, partition, true);
  const ends = await existingEnds(cluster, all);
  return [...all]
    .map(({ topic, partition }) => {
      const known = committed.get(topic, partition) ?? null;
      const logEndOffset = ends.get(topic, partition) ?? null;
      const lag = known && logEndOffset !== null ? max(0n, logEndOffset - known.offset) : null;
      return { topic, partition, committed: known, logEndOffset, lag, member: readers.get(topic, partition) ?? null };
    })
    .sort(inOrder);
}

/** Ends of those partitions that (still) exist: offsets outlive deleted topics for a moment. */
async function existingEnds(cluster: Cluster, partitions: PartitionMap<unknown>): Promise<PartitionMap<bigint>> {
  const { topics } = await cluster.metadata(partitions.topics);
  const led = new PartitionMap<boolean>();
  for (const topic of topics.filter(each => each.errorCode === 0)) {
    for (const p of topic.partitions) if (p.leaderId >= 0) led.set(topic.name!, p.partitionIndex, true);
  }
  return listOffsets(
    cluster,
    partitions.filter((_, at) => led.has(at.topic, at.partition)),
    latestTimestamp,
  );
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** Sum of the lags that are known. */
export const totalLag = (lags: readonly PartitionLag[]): bigint => lags.reduce((sum, { lag }) => sum + (lag ?? 0n), 0n);
