import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // These need a whole OpenStack, or hosts: npm run test:cloud, npm run test:hosts.
    exclude: ['test/cloud/**', 'test/hosts/**'],
    // Two cores: the suites start real processes, so more files at once would only make them wait for each other.
    maxWorkers: 2,
    // Ends what hangs. No claim about speed: the machine may be busy with anything else, its disk above all.
    testTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 60_000,
  },
});
