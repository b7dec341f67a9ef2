import { decode, encode } from '../../protocol/codec.ts';
import { array, int32, message, string, struct } from '../../protocol/schema.ts';
import { WireError } from '../../protocol/wire.ts';
import { PartitionMap, type TopicPartition } from '../partition-map.ts';
import {
  type Assignor,
  type AssignorMember,
  byInstance,
  emptyShares,
  partitionsOf,
  type Shares,
  subscribedTopics,
} from './assignor.ts';

/** What the Java client's sticky assignor writes into subscriptions (KIP-54, with the generation of KIP-341). */
const StickyUserData = message({
  name: 'StickyUserData',
  key: -1,
  min: 0,
  max: 1,
  flexibleFrom: Infinity,
  fields: {
    previousAssignment: array(struct({ topic: string, partitions: array(int32) })),
    generation: int32.since(1).or(-1),
  },
});

interface Claim {
  readonly memberId: string;
  readonly generation: number;
}

/** Members keep what they had as far as the shares come out even: nobody has two partitions more than one who could take them. */
export const sticky: Assignor = {
  name: 'sticky',
  userData(owned, generation) {
    const topics = new PartitionMap(owned.map(at => ({ ...at, value: true }))).byTopic();
    return encode(StickyUserData, StickyUserData.max, {
      previousAssignment: topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition }) => partition),
      })),
      generation,
    });
  },
  assign(members, partitionCounts) {
    const sorted = [...members].sort(byInstance);
    const shares = emptyShares(sorted);
    const topics = subscribedTopics(sorted, partitionCounts);
    const claims = claimsOf(sorted);
    const free: TopicPartition[] = [];
    for (const at of topics.flatMap(topic => partitionsOf(topic, partitionCounts.get(topic)!))) {
      const claim = claims.get(at.topic, at.partition);
      if (claim) shares.get(claim.memberId)!.push(at);
      else free.push(at);
    }
    for (const at of free) shares.get(leastLoaded(subscribersOf(sorted, at.topic), shares))!.push(at);
    balance(sorted, shares);
    return shares;
  },
};

const subscribersOf = (members: readonly AssignorMember[], topic: string): readonly AssignorMember[] =>
  members.filter(member => member.topics.includes(topic));

/** Who had what: the claim of the newest generation counts, of two alike the first member's. */
function claimsOf(members: readonly AssignorMember[]): PartitionMap<Claim> {
  const claims = new PartitionMap<Claim>();
  for (const { memberId, topics, userData } of members) {
    const { previousAssignment, generation } = previousOf(userData);
    for (const { topic, partitions } of previousAssignment.filter(each => topics.includes(each.topic))) {
      for (const partition of partitions) {
        const other = claims.get(topic, partition);
        if (!other || other.generation < generation) claims.set(topic, partition, { memberId, generation });
      }
    }
  }
  return claims;
}

/** What cannot be read claims nothing. */
function previousOf(userData: Uint8Array | null) {
  for (const version of [1, 0]) {
    try {
      if (userData) return decode(StickyUserData, version, userData);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
  }
  return { previousAssignment: [], generation: -1 };
}

function leastLoaded(members: readonly AssignorMember[], shares: Shares): string {
  const load = (member: AssignorMember): number => shares.get(member.memberId)!.length;
  return members.reduce((least, member) => (load(member) < load(least) ? member : least)).memberId;
}

/** Moves one partition at a time to a subscriber with at least two less, until there is none. Each move narrows a gap. */
function balance(members: readonly AssignorMember[], shares: Shares): void {
  for (let moved = true; moved; ) {
    moved = false;
    for (const owned of shares.values()) {
      for (let i = owned.length - 1; i >= 0; i--) {
        const taker = shares.get(leastLoaded(subscribersOf(members, owned[i]!.topic), shares))!;
        if (taker.length + 1 >= owned.length) continue;
        taker.push(...owned.splice(i, 1));
        moved = true;
      }
    }
  }
}
