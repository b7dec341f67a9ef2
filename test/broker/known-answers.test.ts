/** Answers that the data plane repeats without JavaScript are never older than what any client was told before. */
import { afterAll, expect, test } from 'vitest';
import { createTopic, deleteTopics } from '../../src/client/admin.ts';
import { Cluster } from '../../src/client/cluster.ts';
import { MetadataRequest, MetadataResponse } from '../../src/protocol/messages/03-metadata.ts';
import { type Embedded, startEmbedded } from '../support/embedded.ts';

const ROUNDS = 20;
/** Before the third, the plane has been told what to answer. */
const ASKED = 4;

let embedded: Embedded | undefined;
afterAll(() => embedded?.broker.stop());

async function topicsSeen(cluster: Cluster): Promise<string[]> {
  const { topics } = await cluster.any.call(MetadataRequest, MetadataResponse, {
    topics: null,
    includeTopicAuthorizedOperations: false,
  });
  return topics.map(({ name }) => name ?? '').sort();
}

test('a topic is seen by others as soon as its creation or deletion is answered', async () => {
  embedded = await startEmbedded();
  const { bootstrapServers } = embedded.broker;
  const [looking, changing] = [await Cluster.connect(bootstrapServers), await Cluster.connect(bootstrapServers)];
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < ASKED; i++) expect(await topicsSeen(looking)).toEqual([]);
    const name = `topic-${round}`;
    await createTopic(changing, { name, partitions: 1, replicationFactor: 1, configs: new Map() }, false);
    for (let i = 0; i < ASKED; i++) expect(await topicsSeen(looking)).toEqual([name]);
    await deleteTopics(changing, [name]);
  }
  await Promise.all([looking.close(), changing.close()]);
});
