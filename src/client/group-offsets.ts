import { zeroUuid } from '../base/uuid.ts';
import { OffsetCommitRequest, OffsetCommitResponse } from '../protocol/messages/08-offset-commit.ts';
import { OffsetFetchRequest, OffsetFetchResponse } from '../protocol/messages/09-offset-fetch.ts';
import type { Cluster } from './cluster.ts';
import type { Connection } from './connection.ts';
import { onCoordinator } from './coordinator.ts';
import { expectNone } from './failure.ts';
import { PartitionMap, spell, type TopicPartition } from './partition-map.ts';

/** What a group has committed of a partition. */
export interface Committed {
  readonly offset: bigint;
  /** -1 when whoever committed did not name one. */
  readonly leaderEpoch: number;
  readonly metadata: string;
}

/** Who commits: a member of a generation, or somebody outside of an empty group. */
export interface Committer {
  readonly memberId: string;
  readonly generation: number;
  readonly instanceId: string | null;
}

/** How tools commit for a group without members. */
export const outsider: Committer = { memberId: '', generation: -1, instanceId: null };

/** The last versions that name topics; those after it know them by id only, and so forget those that were deleted. */
const fetchVersionMax = 9;
const commitVersionMax = 9;
const severalGroupsVersion = 8;

/** Committed offsets of a group, of `partitions` or of all it has committed. Partitions without a commit are left out. */
export function committedOffsets(
  cluster: Cluster,
  group: string,
  partitions: Iterable<TopicPartition> | null = null,
): Promise<PartitionMap<Committed>> {
  const wanted = partitions && new PartitionMap([...partitions].map(at => ({ ...at, value: true })));
  return onCoordinator(cluster, group, connection => fetchOffsets(connection, group, wanted));
}

export async function fetchOffsets(
  connection: Connection,
  group: string,
  wanted: PartitionMap<unknown> | null,
): Promise<PartitionMap<Committed>> {
  const topics =
    wanted?.byTopic().map(({ topic: name, partitions }) => ({
      name,
      topicId: zeroUuid,
      partitionIndexes: partitions.map(({ partition }) => partition),
    })) ?? null;
  const several = connection.versionOf(OffsetFetchRequest) >= severalGroupsVersion;
  const answer = await connection.call(
    OffsetFetchRequest,
    OffsetFetchResponse,
    several ? { groups: [{ groupId: group, topics }] } : { groupId: group, topics, groups: [] },
    fetchVersionMax,
  );
  const found = several ? answer.groups[0]! : answer;
  expectNone(found.errorCode, `group ${group}`);
  const committed = new PartitionMap<Committed>();
  for (const { name, partitions } of found.topics) {
    for (const { partitionIndex, committedOffset, committedLeaderEpoch, metadata, errorCode } of partitions) {
      expectNone(errorCode, `committed offset of ${name}-${partitionIndex} in group ${group}`);
      if (committedOffset < 0n) continue;
      committed.set(name, partitionIndex, {
        offset: committedOffset,
        leaderEpoch: committedLeaderEpoch,
        metadata: metadata ?? '',
      });
    }
  }
  return committed;
}

/** Commits offsets for a group without members, as tools do. */
export function commitAsOutsider(cluster: Cluster, group: string, offsets: PartitionMap<bigint>): Promise<void> {
  return onCoordinator(cluster, group, connection => commitOffsets(connection, group, offsets, outsider));
}

/** Throws ClientFailure with the code of the first partition that was refused; others may have been committed. */
export async function commitOffsets(
  connection: Connection,
  group: string,
  offsets: PartitionMap<bigint>,
  { memberId, generation, instanceId }: Committer,
): Promise<void> {
  const answer = await connection.call(
    OffsetCommitRequest,
    OffsetCommitResponse,
    {
      groupId: group,
      generationIdOrMemberEpoch: generation,
      memberId,
      groupInstanceId: instanceId,
      topics: offsets.byTopic().map(({ topic, partitions }) => ({
        name: topic,
        topicId: zeroUuid,
        partitions: partitions.map(({ partition, value }) => ({
          partitionIndex: partition,
          committedOffset: value,
          committedMetadata: '',
        })),
      })),
    },
    commitVersionMax,
  );
  for (const { name, partitions } of answer.topics) {
    for (const { partitionIndex, errorCode } of partitions) {
      expectNone(errorCode, `offset of ${spell({ topic: name, partition: partitionIndex })} in group ${group}`);
    }
  }
}
