import * as z from 'zod';
import { defineJob } from './define-job.js';

const DAY_MS = 24 * 60 * 60_000;

/**
 * Deletes activities, sessions and agents that are older than POPSTASH_ACTIVITY_DAYS, and announcements of a month ago.
 * Entries of the ledger stay, with the sessions that they belong to.
 */
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
    const [{ purgeActivities: purge }, { purgeHistory }] = await Promise.all([
      import('../accountability/timeline/purge-activities.js'),
      import('../coordination/expiry/purge-history.js'),
    ]);
    const stopping = new AbortController();
    return {
      async handle() {
        const { signal } = stopping;
        const activities = activityDays === 0 ? 0 : await purge(pool, activityDays, { signal });
        const purged = { activities, ...(await purgeHistory(pool, activityDays, { signal })) };
        if (Object.values(purged).some((count) => count > 0)) {
          logger.info({ ...purged, olderThanDays: activityDays }, 'old history deleted');
        }
      },
      close: async () => stopping.abort(),
    };
  },
});
