import { type Assignor, byInstance, emptyShares, partitionsOf, subscribedTopics } from './assignor.ts';

/**
 * Topic by topic, a run of neighbouring partitions for each subscriber; the first subscribers take one more when it does
 * not come out even. Equal numbers of topics meet at the same member: what joins of streams need.
 */
export const range: Assignor = {
  name: 'range',
  assign(members, partitionCounts) {
    const shares = emptyShares(members);
    for (const topic of subscribedTopics(members, partitionCounts)) {
      const subscribers = members.filter(member => member.topics.includes(topic)).sort(byInstance);
      const partitions = partitionsOf(topic, partitionCounts.get(topic)!);
      const each = Math.floor(partitions.length / subscribers.length);
      const more = partitions.length % subscribers.length;
      for (const [at, { memberId }] of subscribers.entries()) {
        const from = each * at + Math.min(at, more);
        shares.get(memberId)!.push(...partitions.slice(from, from + each + (at < more ? 1 : 0)));
      }
    }
    return shares;
  },
};
