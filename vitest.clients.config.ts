import { defineConfig } from 'vitest/config';

/**
 * Below this many events a run is a smoke run. The clients' own test suites, which take half an hour, and the foreign project,
 * which compiles two addons, are left to the full one.
 */
const FULL_EVENTS = 20_000;
const smoke = Number(process.env.MILENA_CLIENTS_EVENTS ?? FULL_EVENTS) < FULL_EVENTS;

/** Real clients against a broker of their own. They are installed by the tests into .cache/; a missing one fails. */
export default defineConfig({
  test: {
    globalSetup: 'test/support/scratch-root.ts',
    include: ['test/clients/**/*.test.ts'],
    exclude: smoke ? ['test/clients/suites/**', 'test/clients/foreign-project.test.ts'] : [],
    fileParallelism: false,
    // Groups under churn mostly wait for sessions to expire: two at a time.
    maxConcurrency: 2,
    testTimeout: 900_000,
    hookTimeout: 900_000,
  },
});
