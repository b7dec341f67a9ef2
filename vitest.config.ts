import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/peers/**', 'test/clients/**', 'test/torture/**'],
    passWithNoTests: true,
  },
});
