import * as z from 'zod';
import { defineJob } from './define-job.js';

const HOUR_MS = 60 * 60_000;

/** Moves the changes of the ledger into its roll-ups. Totals are exact at every moment, with it or without. */
export const costRollup = defineJob({
  name: 'cost-rollup',
  payload: z.object({}),
  options: { attempts: 3 },
  schedule: { hourly: { everyMs: HOUR_MS, payload: {} } },
  throttle: { key: () => 'all', everyMs: 10_000 },
  concurrency: { redis: 1, postgres: 1 },
  runsIn: ['container', 'local-server'],
  database: { connections: 2, statementTimeoutMs: 30_000 },
  needs: ['pool'],
  async start({ pool, logger }) {
    const { rollUpChanges } = await import('../accountability/ledger/roll-up-changes.js');
    const stopping = new AbortController();
    return {
      async handle() {
        const moved = await rollUpChanges(pool, { signal: stopping.signal });
        if (moved > 0) logger.debug({ moved }, 'changes of the ledger rolled up');
      },
      close: async () => stopping.abort(),
    };
  },
});
