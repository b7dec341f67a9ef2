/** The cells of DataPlane.readCounters() by name. All of them only grow, except those that end in `_now` or `_memory_bytes`. */
import { type CounterName, counters } from './abi.ts';

export type { CounterName };
export const counterNames: readonly CounterName[] = counters;

const cells = new Map<string, number>(counters.map((name, index) => [name, index]));

/** The value of one counter in what readCounters() returned. */
export function counter(values: BigInt64Array, name: CounterName): bigint {
  return values[cells.get(name) ?? -1] ?? 0n;
}

/** Every counter by name, for logs, metrics and tests. */
export function countersByName(values: BigInt64Array): { readonly [Name in CounterName]: bigint } {
  return Object.fromEntries(counters.map((name, index) => [name, values[index] ?? 0n])) as {
    [Name in CounterName]: bigint;
  };
}
