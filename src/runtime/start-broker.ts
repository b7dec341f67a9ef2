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
import type { Decide, Deciding } from '../core/controller/decision.ts';
import { type Elections, electLeaders, type PartitionCursor } from '../core/controller/leaders.ts';
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
  // Decided one behind the other, and stored together.
  const [, registered] = await Promise.all([
    must(log, registerController(controller)),
    must(log, registerBroker(broker)),
    takeUpLeadership(log, broker.id),
  ]);
  return registered;
}

async function takeUpLeadership(log: MetadataLog, brokerId: number): Promise<void> {
  let from: PartitionCursor | undefined;
  do {
    from = (await must(log, electAndUnfence(brokerId, from))).next;
  } while (from !== undefined);
}

/** The last decision of the elections unfences as well. */
function electAndUnfence(brokerId: number, from: PartitionCursor | undefined) {
  return ((at: Deciding) => {
    const elected = electLeaders(brokerId, from)(at);
    if (elected.reply.next !== undefined) return elected;
    const unfenced = unfenceBroker(brokerId)(at);
    return isRefusal(unfenced) ? unfenced : { ...elected, records: [...elected.records, ...unfenced.records] };
  }) satisfies Decide<Elections>;
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
