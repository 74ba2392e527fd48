import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // These need a whole OpenStack: npm run test:cloud.
    exclude: ['test/cloud/**'],
    // Two cores: the suites start real processes, so more files at once would only make them wait for each other.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
