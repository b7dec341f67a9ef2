/** The broker under the real clients: Milena, or Apache Kafka with MILENA_CLIENTS_AGAINST=kafka, which shows that the tests themselves are right. */
import { startKafka } from '../../peers/support/kafka.ts';
import { startMilena } from '../../peers/support/milena.ts';
import type { ProcessPeer } from '../../support/peer.ts';

export function startBroker(): Promise<ProcessPeer> {
  const against = process.env.MILENA_CLIENTS_AGAINST ?? 'milena';
  if (against === 'kafka') return startKafka();
  if (against === 'milena') return startMilena();
  throw new Error(`MILENA_CLIENTS_AGAINST is milena or kafka, not ${against}`);
}
