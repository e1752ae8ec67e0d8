import * as z from 'zod';
import { defineJob } from './define-job.js';

const DAY_MS = 24 * 60 * 60_000;

/** Deletes activities that are older than POPSTASH_ACTIVITY_DAYS. Entries of the ledger stay. */
export const purgeActivities = defineJob({
  name: 'purge-activities',
  payload: z.object({}),
  options: { attempts: 3 },
  schedule: { daily: { everyMs: DAY_MS, payload: {} } },
  concurrency: { redis: 1, postgres: 1 },
  worker: 'maintenance',
  runsIn: ['container', 'local-server'],
  database: { connections: 1, statementTimeoutMs: 60_000 },
  needs: ['pool', 'activityDays'],
  async start({ pool, activityDays, logger }) {
    const { purgeActivities: purge } = await import('../accountability/timeline/purge-activities.js');
    const stopping = new AbortController();
    return {
      async handle() {
        if (activityDays === 0) return;
        const purged = await purge(pool, activityDays, { signal: stopping.signal });
        if (purged > 0) logger.info({ purged, olderThanDays: activityDays }, 'old activities deleted');
      },
      close: async () => stopping.abort(),
    };
  },
});
