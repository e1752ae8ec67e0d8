import { defineConfig } from 'vitest/config';

/** Trials in full form (npm run trials) run for as long as they need. */
const full = process.env.POPSTASH_TRIAL === 'full';
const minutes = (count: number) => (full ? 180 : count) * 60_000;
/** Trials with outside programs (real clients, a real collector) have no short form: they are no part of `npm test`. */
const outside = full ? [] : ['f18', 'f19', 'f25', 'f26'].map((name) => `test/e2e/trials/${name}-*.test.ts`);
/** Two cores are what CI has; a worker each, and the processes they spawn share them. */
const maxWorkers = Number(process.env.POPSTASH_TEST_WORKERS ?? 2);

const withServices = {
  globalSetup: ['test/support/setup/global-setup.ts'],
  setupFiles: ['test/support/setup/setup-file.ts'],
};

export default defineConfig({
  test: {
    pool: 'forks',
    reporters: ['default'],
    // A time-out only bounds a hang: no test depends on speed.
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: minutes(1),
          hookTimeout: minutes(1),
          maxWorkers,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: minutes(2),
          hookTimeout: minutes(2),
          maxWorkers,
          sequence: { groupOrder: 1 },
          ...withServices,
        },
      },
      {
        // Each spawns front processes, workers and servers of its own.
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: outside,
          testTimeout: minutes(3),
          hookTimeout: minutes(3),
          maxWorkers,
          sequence: { groupOrder: 2 },
          ...withServices,
        },
      },
    ],
  },
});
