import { createHash } from 'node:crypto';
import { cleaning, commands, counters, events, options } from './abi.ts';

/** Of everything that crosses the strait: what the addon was built with says the same, or the two cannot talk (scripts/gen-abi.mjs). */
export function abiDigest(): string {
  const described = JSON.stringify([commands, events, options, cleaning, counters]);
  return createHash('sha256').update(described).digest('hex').slice(0, 16);
}
