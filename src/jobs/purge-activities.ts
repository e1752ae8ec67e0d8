import * as z from 'zod';
import { defineJob } from './define-job.js';

const DAY_MS = 24 * 60 * 60_000;

/**
 * Deletes requests and their costs that are older than POPSTASH_COST_DAYS; activities, sessions and agents that are older than
 * POPSTASH_ACTIVITY_DAYS, but for sessions and agents with costs; and announcements of a month ago.
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
  needs: ['pool', 'activityDays', 'costDays'],
  async start({ pool, activityDays, costDays, logger }) {
    const [{ purgeUsage }, { purgeActivities: purge }, { purgeHistory }] = await Promise.all([
      import('../accountability/ledger/purge-usage.js'),
      import('../accountability/timeline/purge-activities.js'),
      import('../coordination/expiry/purge-history.js'),
    ]);
    const stopping = new AbortController();
    return {
      async handle() {
        const { signal } = stopping;
        const usage = await purgeUsage(pool, costDays, { signal });
        const activities = activityDays === 0 ? 0 : await purge(pool, activityDays, { signal });
        const purged = { ...usage, activities, ...(await purgeHistory(pool, activityDays, { signal })) };
        if (Object.values(purged).some((count) => count > 0)) {
          logger.info({ ...purged, activityDays, costDays }, 'old history deleted');
        }
      },
      close: async () => stopping.abort(),
    };
  },
});
