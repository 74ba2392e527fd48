import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: `${import.meta.dirname}/../..`,
    include: ['test/hosts/**/*.test.ts'],
    globalSetup: ['test/hosts/support/pack.ts'],
    // What they do is done by processors: dpkg unpacks, npm unpacks, Node compiles.
    maxWorkers: 2,
    testTimeout: 900_000,
    hookTimeout: 900_000,
  },
});
