import { defineConfig } from 'vitest/config';

/** For what hangs, not for what is slow: machines are busy, and no test is about time. */
const deadlineMs = 120_000;

export default defineConfig({
  test: {
    globalSetup: 'test/support/scratch-root.ts',
    include: ['test/**/*.test.ts'],
    exclude: ['test/peers/**', 'test/clients/**', 'test/torture/**'],
    passWithNoTests: true,
    testTimeout: deadlineMs,
    hookTimeout: deadlineMs,
  },
});
