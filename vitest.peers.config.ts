import { defineConfig } from 'vitest/config';

// Comparisons with Apache Kafka itself: need Java and Maven, and fail where either is missing.
export default defineConfig({
  test: {
    globalSetup: 'test/support/scratch-root.ts',
    include: ['test/peers/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
});
