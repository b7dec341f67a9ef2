// What a broker tells the controller when it starts and when it stops (KIP-631).
import { isRefusal } from '../base/result.ts';
import {
  type ControllerRegistration,
  fenceBroker,
  type RegisteredBroker,
  type Registration,
  registerBroker,
  registerController,
  unfenceBroker,
} from '../core/controller/brokers.ts';
import type { Decide } from '../core/controller/decision.ts';
import { electLeaders, type PartitionCursor } from '../core/controller/leaders.ts';
import type { MetadataLog } from './metadata-log.ts';
import { MetadataLogError } from './metadata-log-options.ts';

/**
 * Registers controller and broker, makes the broker the leader of its partitions in new leader epochs, and unfences it.
 * Rejects with MetadataLogError when the log does not take it.
 */
export async function startBroker(
  log: MetadataLog,
  controller: ControllerRegistration,
  broker: Registration,
): Promise<RegisteredBroker> {
  await must(log, registerController(controller));
  const registered = await must(log, registerBroker(broker));
  let from: PartitionCursor | undefined;
  do {
    from = (await must(log, electLeaders(broker.id, from))).next;
  } while (from !== undefined);
  await must(log, unfenceBroker(broker.id));
  return registered;
}

/** The last decision of a clean stop; a log that fails meanwhile is no reason not to stop. */
export async function stopBroker(log: MetadataLog, brokerId: number): Promise<void> {
  await log.decide(fenceBroker(brokerId));
}

async function must<Reply>(log: MetadataLog, decide: Decide<Reply>): Promise<Reply> {
  const reply = await log.decide(decide);
  if (isRefusal(reply)) throw new MetadataLogError(`the broker could not be registered: ${reply.message}`);
  return reply;
}
