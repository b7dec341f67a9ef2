// What the coordinator reads of the consumers' embedded protocol: the topics. Version 0 is the beginning of every version.
import { Reader, WireError } from '../../protocol/wire.ts';

export const consumerProtocolType = 'consumer';

/** The topics of all subscriptions, or undefined when one of them is not in the consumer protocol. */
export function subscribedTopics(subscriptions: Iterable<Uint8Array>): ReadonlySet<string> | undefined {
  const topics = new Set<string>();
  try {
    for (const subscription of subscriptions) readTopics(subscription, topics);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
  return topics;
}

/** int16 version, [string] topics, nullable bytes of user data. */
function readTopics(subscription: Uint8Array, topics: Set<string>): void {
  const reader = new Reader(subscription);
  if (reader.i16() < 0) throw new WireError('subscription of a negative version');
  const count = reader.i32();
  if (count < 0) throw new WireError('subscription without topics');
  for (let at = 0; at < count; at++) topics.add(reader.text(reader.i16()));
  reader.slice(Math.max(reader.i32(), 0));
}
