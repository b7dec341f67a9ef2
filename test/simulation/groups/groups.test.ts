// Groups under seeded faults: members join, leave, crash, are slow and commit, while appends fail, syncs are late,
// leadership moves, the process dies and clocks jump. What must hold is in invariants/.
import { expect, test } from 'vitest';
import { firstSeed, forEachSeed, seedsOr } from '../../support/seeds.ts';
import { mutants } from './mutants.ts';
import { simulate } from './simulate.ts';

const seeds = seedsOr(60);

test(`groups keep their promises, ${seeds} seeds from ${firstSeed}`, { timeout: 60_000 + seeds * 2_000 }, () =>
  forEachSeed(seeds, simulate),
);

test('the same seed gives the same history', { timeout: 60_000 }, async () => {
  expect(await simulate(firstSeed)).toBe(await simulate(firstSeed));
});

test.each(mutants)(
  'a mutant does not survive: $name (seed $seed)',
  { timeout: 60_000 },
  async ({ seed, broken, apply }) => {
    const restore = apply();
    try {
      await expect(simulate(seed)).rejects.toThrow(broken);
    } finally {
      restore();
    }
    await simulate(seed);
  },
);
