import type { TopicPartition } from '../partition-map.ts';

/** What a member of a group brings to the distribution of partitions. */
export interface AssignorMember {
  readonly memberId: string;
  /** Set by static members (KIP-345): their order, and so their share, survives restarts. */
  readonly instanceId: string | null;
  readonly topics: readonly string[];
  /** What assignors of this name wrote themselves into the subscription. */
  readonly userData: Uint8Array | null;
}

/** A way to distribute partitions over the members of a group; the leader's client applies it. Pure. */
export interface Assignor {
  /** As members propose it in JoinGroup; a group chooses one that all of them know. */
  readonly name: string;
  /** What the next subscription carries for this assignor, of what the member owned in the generation before. */
  userData?(owned: readonly TopicPartition[], generation: number): Uint8Array;
  /**
   * Every partition of the subscribed topics to exactly one member that subscribes its topic. `partitionCounts` leaves
   * topics out that do not exist. Every member has an entry in the result.
   */
  assign(
    members: readonly AssignorMember[],
    partitionCounts: ReadonlyMap<string, number>,
  ): ReadonlyMap<string, readonly TopicPartition[]>;
}

export type Shares = Map<string, TopicPartition[]>;

export const emptyShares = (members: readonly AssignorMember[]): Shares =>
  new Map(members.map(({ memberId }) => [memberId, []]));

/** Static members by instance id, before the others by member id: as Kafka's own assignors sort. */
export function byInstance(a: AssignorMember, b: AssignorMember): number {
  if (a.instanceId !== null && b.instanceId !== null) return a.instanceId < b.instanceId ? -1 : 1;
  if (a.instanceId !== null) return -1;
  if (b.instanceId !== null) return 1;
  return a.memberId < b.memberId ? -1 : 1;
}

/** The topics that anybody subscribes and that exist, in order. */
export function subscribedTopics(
  members: readonly AssignorMember[],
  partitionCounts: ReadonlyMap<string, number>,
): string[] {
  const topics = new Set(members.flatMap(member => member.topics));
  return [...topics].filter(topic => partitionCounts.has(topic)).sort();
}

export const partitionsOf = (topic: string, count: number): TopicPartition[] =>
  Array.from({ length: count }, (_, partition) => ({ topic, partition }));
