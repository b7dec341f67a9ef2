import { mustKafkaTool, TOOLS } from '../../peers/support/kafka.ts';
import type { Peer } from '../../support/peer.ts';
import { PARTITIONS } from './exchange.ts';

/** Creates a topic with kafka-topics, Apache Kafka's own tool. */
export async function createTopic(broker: Peer, topic: string, partitions = PARTITIONS): Promise<void> {
  const { stdout } = await mustKafkaTool(TOOLS.topics, [
    ...['--bootstrap-server', broker.bootstrap],
    ...['--create', '--topic', topic, '--partitions', String(partitions), '--config', 'retention.ms=-1'],
  ]);
  if (!stdout.includes(`Created topic ${topic}`)) throw new Error(`kafka-topics said: ${stdout}`);
}
