import { type Assignor, byInstance, emptyShares, partitionsOf, subscribedTopics } from './assignor.ts';

/** All partitions of all topics dealt out in turn; who does not subscribe a partition's topic is passed over. */
export const roundRobin: Assignor = {
  name: 'roundrobin',
  assign(members, partitionCounts) {
    const shares = emptyShares(members);
    const circle = [...members].sort(byInstance);
    let turn = 0;
    for (const topic of subscribedTopics(members, partitionCounts)) {
      for (const at of partitionsOf(topic, partitionCounts.get(topic)!)) {
        while (!circle[turn % circle.length]!.topics.includes(topic)) turn++;
        shares.get(circle[turn++ % circle.length]!.memberId)!.push(at);
      }
    }
    return shares;
  },
};
