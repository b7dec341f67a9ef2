/** How commander reads the values of options. */
import { InvalidArgumentError } from 'commander';
import { pairOf } from './pair.ts';

/** An integer in [min, max]. */
export const integer =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`Give an integer from ${min} to ${max}.`);
    }
    return value;
  };

/** Collects repeated `key=value` options. */
export function keyValue(text: string, before: ReadonlyMap<string, string> = new Map()): Map<string, string> {
  const pair = pairOf(text);
  if (pair === undefined) throw new InvalidArgumentError('Write key=value.');
  return new Map([...before, pair]);
}

/** Collects repeated options. */
export const collect = (text: string, before: readonly string[] = []): string[] => [...before, text];

export const int32Max = 2 ** 31 - 1;
export const int16Max = 2 ** 15 - 1;
