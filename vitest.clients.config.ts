import { defineConfig } from 'vitest/config';

/** Real clients against a broker of their own. They are installed by the tests into .cache/; a missing one fails. */
export default defineConfig({
  test: {
    include: ['test/clients/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 900_000,
    hookTimeout: 900_000,
  },
});
