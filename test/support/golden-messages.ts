/**
 * test/golden/protocol/messages.jsonl: one value of every schema at every version with its bytes. Provenance: values drawn by
 * test/support/arbitrary.ts, bytes as Apache Kafka 4.3.1's generated classes write them; test/peers/golden.test.ts asks
 * those classes again, test/peers/capture-messages.ts writes the file anew.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { REPO_ROOT } from './paths.ts';

export const goldenFile = join(REPO_ROOT, 'test/golden/protocol/messages.jsonl');

export interface Golden {
  readonly message: string;
  readonly version: number;
  readonly hex: string;
  readonly value: Record<string, unknown>;
}

/** JSON, with int64 as {"int64": "5"} and bytes as {"hex": "00ff"}. */
export const spell = (golden: Golden): string =>
  JSON.stringify(golden, (_, value: unknown) => {
    if (typeof value === 'bigint') return { int64: String(value) };
    if (value instanceof Uint8Array) return { hex: toHex(value) };
    return Object.is(value, -0) ? { zero: '-' } : value;
  });

const unspell = (line: string): Golden =>
  JSON.parse(line, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || Object.keys(value).length !== 1) return value;
    const { int64, hex, zero } = value as { int64?: string; hex?: string; zero?: string };
    if (int64 !== undefined) return BigInt(int64);
    if (hex !== undefined) return fromHex(hex);
    return zero === undefined ? value : -0;
  }) as Golden;

export const goldens = (): Golden[] => readFileSync(goldenFile, 'utf8').trimEnd().split('\n').map(unspell);
