/** Time and chance as this machine has them. */
import { randomBytes, randomInt } from 'node:crypto';
import { lostDirectory, migratingDirectory, uuidAt, zeroUuid } from './base/uuid.ts';
import type { Clock, Entropy } from './runtime/ports.ts';

/** Timers do not keep the process alive: the data plane does, for as long as it is referenced. */
export const systemClock: Clock = {
  wallMs: () => BigInt(Date.now()),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs).unref();
    return () => clearTimeout(timer);
  },
};

const reserved: ReadonlySet<string> = new Set([zeroUuid, lostDirectory, migratingDirectory]);

/** A version 4 UUID; none of Kafka's reserved ids, none that begins with a dash in text (tools take it for an option). */
function uuid(): Uint8Array {
  for (;;) {
    const bytes = new Uint8Array(randomBytes(16));
    bytes[6] = (bytes[6]! & 0x0f) | 0x40;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    const text = uuidAt(bytes);
    if (!reserved.has(text) && !text.startsWith('-')) return bytes;
  }
}

export const systemEntropy: Entropy = { uuid, below: limit => randomInt(limit) };
