/** Seeded choices for tests. */
import { seeded } from './events.ts';

export class Random {
  readonly seed: number;
  private readonly next: () => number;

  constructor(seed: number) {
    this.seed = seed;
    this.next = seeded(seed);
  }

  /** In [0, below). */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  /** Every order of magnitude equally often. */
  logUniform(from: number, to: number): number {
    return Math.round(from * (to / from) ** this.next());
  }
}

/** Every run of a gate does the same unless it is told otherwise. */
const DEFAULT_SEED = 431;

/** The seed of a run: MILENA_SEED, a number or `fresh`; printed in any case. */
export function runSeed(label: string): number {
  const given = process.env.MILENA_SEED ?? String(DEFAULT_SEED);
  const seed = given === 'fresh' ? Math.floor(Math.random() * 0x7fff_ffff) : Number(given);
  console.log(`${label}: seed ${seed} (repeat with MILENA_SEED=${seed})`);
  return seed;
}
