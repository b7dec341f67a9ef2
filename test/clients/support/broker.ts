/** The broker under the real clients: Milena, or Apache Kafka with MILENA_CLIENTS_AGAINST=kafka, which shows that the tests themselves are right. */
import { type KafkaOptions, startKafka } from '../../peers/support/kafka.ts';
import { startMilena } from '../../peers/support/milena.ts';
import type { ProcessPeer } from '../../support/peer.ts';

export type BrokerOptions = Pick<KafkaOptions, 'config' | 'port' | 'dataDir'>;
export type ClientsBroker = ProcessPeer & { output(): string };

export function startBroker(options: BrokerOptions = {}): Promise<ClientsBroker> {
  const against = process.env.MILENA_CLIENTS_AGAINST ?? 'milena';
  if (against === 'kafka') return startKafka(options);
  if (against === 'milena') return startMilena(options);
  throw new Error(`MILENA_CLIENTS_AGAINST is milena or kafka, not ${against}`);
}
