import { createTopic, deleteRecords, deleteTopics, topicOverrides } from '../client/admin.ts';
import { Cluster } from '../client/cluster.ts';
import { latestTimestamp, listOffsets } from '../client/list-offsets.ts';
import type { Broker } from '../index.ts';

export interface ResetTopicOptions {
  /**
   * `recreate`, the default: the topic is deleted and made anew with its partitions and settings; offsets begin at 0, groups
   * forget it. `deleteRecords`: the topic and its offsets stay, what it holds is gone; consumers that run go on undisturbed.
   */
  readonly how?: 'recreate' | 'deleteRecords';
}

/** Empties a topic between tests. Resolves when Metadata tells everybody the same. Rejects when there is no such topic. */
export async function resetTopic(
  broker: Broker,
  topic: string,
  { how = 'recreate' }: ResetTopicOptions = {},
): Promise<void> {
  const cluster = await Cluster.connect(broker.bootstrapServers);
  try {
    await (how === 'recreate' ? recreate(cluster, topic) : empty(cluster, topic));
  } finally {
    await cluster.close();
  }
}

async function recreate(cluster: Cluster, name: string): Promise<void> {
  const { partitions } = await cluster.topic(name);
  const configs = (await topicOverrides(cluster, [name])).get(name) ?? new Map<string, string>();
  const replicationFactor = partitions[0]!.replicaNodes.length;
  await deleteTopics(cluster, [name]);
  await createTopic(cluster, { name, partitions: partitions.length, replicationFactor, configs }, false);
  await cluster.topic(name);
}

async function empty(cluster: Cluster, name: string): Promise<void> {
  const { partitions } = await cluster.topic(name);
  const wanted = partitions.map(({ partitionIndex }) => ({ topic: name, partition: partitionIndex }));
  await deleteRecords(cluster, await listOffsets(cluster, wanted, latestTimestamp));
}
