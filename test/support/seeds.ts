// Seeds of simulations: MILENA_SIM_SEEDS says how many, MILENA_SIM_SEED where they begin.

export const firstSeed = Number(process.env.MILENA_SIM_SEED ?? 1);
export const seedsOr = (usual: number): number => Number(process.env.MILENA_SIM_SEEDS ?? usual);

/** Runs `simulate` with each seed; a failure names its seed. */
export async function forEachSeed(seeds: number, simulate: (seed: number) => Promise<unknown>): Promise<void> {
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    try {
      await simulate(seed);
    } catch (cause) {
      const message = `seed ${seed} (MILENA_SIM_SEED=${seed} MILENA_SIM_SEEDS=1): ${(cause as Error).message}`;
      throw new Error(message, { cause });
    }
  }
}
