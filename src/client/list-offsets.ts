import { groupBy } from '../base/group-by.ts';
import { ListOffsetsRequest, ListOffsetsResponse } from '../protocol/messages/02-list-offsets.ts';
import type { Cluster } from './cluster.ts';
import { expectNone } from './failure.ts';
import { PartitionMap, type TopicPartition } from './partition-map.ts';

export const latestTimestamp = -1n;
export const earliestTimestamp = -2n;
const timeoutMs = 30_000;

/**
 * The offset of each partition that ListOffsets has for `timestamp`: the two constants above, or the first record that is
 * not older than so many ms since 1970 (-1 when there is none). Throws ClientFailure for partitions that do not exist.
 */
export async function listOffsets(
  cluster: Cluster,
  partitions: Iterable<TopicPartition>,
  timestamp: bigint,
): Promise<PartitionMap<bigint>> {
  const wanted = [...partitions];
  const found = new PartitionMap<bigint>();
  if (wanted.length === 0) return found;
  const leaderOf = await cluster.leaders(wanted.map(({ topic }) => topic));
  const byLeader = groupBy(wanted, leaderOf);
  await Promise.all(
    [...byLeader].map(async ([leader, some]) => {
      const connection = await cluster.node(leader);
      const answer = await connection.call(ListOffsetsRequest, ListOffsetsResponse, {
        replicaId: -1,
        isolationLevel: 0,
        topics: [...groupBy(some, at => at.topic)].map(([name, of]) => ({
          name,
          partitions: of.map(({ partition }) => ({ partitionIndex: partition, timestamp })),
        })),
        timeoutMs,
      });
      for (const { name, partitions: answered } of answer.topics) {
        for (const { partitionIndex, errorCode, offset } of answered) {
          expectNone(errorCode, `partition ${partitionIndex} of ${name}`);
          found.set(name, partitionIndex, offset);
        }
      }
    }),
  );
  return found;
}

/** The first record not older than `timestamp`, and the end of the log where there is none, as Kafka's tools take it. */
export async function offsetsForTime(
  cluster: Cluster,
  partitions: Iterable<TopicPartition>,
  timestamp: bigint,
): Promise<PartitionMap<bigint>> {
  const wanted = [...partitions];
  const [found, ends] = await Promise.all([
    listOffsets(cluster, wanted, timestamp),
    listOffsets(cluster, wanted, latestTimestamp),
  ]);
  return found.map((offset, { topic, partition }) => (offset < 0n ? ends.get(topic, partition)! : offset));
}
