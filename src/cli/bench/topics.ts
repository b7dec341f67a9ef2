import { parseAddresses } from '../../client/address.ts';
import { createTopics } from '../../client/admin.ts';
import type { Cluster } from '../../client/cluster.ts';
import { earliestTimestamp, latestTimestamp, listOffsets } from '../../client/list-offsets.ts';
import { whilePassing } from '../../client/retry.ts';
import type { Remote } from '../remote.ts';

/** Makes the topics that are not there yet. */
export async function ensureTopics(cluster: Cluster, names: readonly string[], partitions: number): Promise<void> {
  const { topics } = await cluster.metadata(names);
  const missing = topics.filter(topic => topic.errorCode !== 0).map(topic => topic.name!);
  const wanted = missing.map(name => ({ name, partitions, replicationFactor: -1, configs: new Map<string, string>() }));
  if (wanted.length > 0) await createTopics(cluster, wanted, false);
  for (const name of names) await cluster.topic(name);
  await untilLed(cluster, missing, partitions);
}

/** A broker may name leaders that have not heard of it yet: they are asked for an offset until they have. */
async function untilLed(cluster: Cluster, topics: readonly string[], partitions: number): Promise<void> {
  const all = topics.flatMap(topic => Array.from({ length: partitions }, (_, partition) => ({ topic, partition })));
  await whilePassing(() => listOffsets(cluster, all, latestTimestamp));
}

/** The generator's arguments that say who leads which partition of `topic`. */
export async function leadersOf(cluster: Cluster, topic: string): Promise<string[]> {
  const { partitions } = await cluster.topic(topic);
  return partitions.flatMap(({ partitionIndex, leaderId }) => {
    const { host, port } = cluster.address(leaderId);
    return ['--leader', `${partitionIndex}=${host}:${port}`];
  });
}

/** The same for where logs begin, where that is not 0. */
export async function startsOf(cluster: Cluster, topic: string): Promise<string[]> {
  const { partitions } = await cluster.topic(topic);
  const all = partitions.map(({ partitionIndex: partition }) => ({ topic, partition }));
  const starts = await listOffsets(cluster, all, earliestTimestamp);
  return [...starts].flatMap(({ partition, value }) => (value > 0n ? ['--start', `${partition}=${value}`] : []));
}

/** The generator's arguments for what any broker answers. */
export function bootstrapOf({ bootstrapServer }: Remote): string[] {
  return parseAddresses(bootstrapServer).flatMap(({ host, port }, i) => ['--leader', `${i}=${host}:${port}`]);
}
