import * as z from 'zod';
import { defineJob } from './define-job.js';

const MINUTE_MS = 60_000;
const TASKS = ['expire-stashes', 'purge-forgotten', 'refresh-statistics', 'refresh-lexemes', 'move-late-rows'] as const;

/** Expires stashes, purges forgotten memories, counts words and cuts them by today's rules, by the database's clock. */
export const maintenance = defineJob({
  name: 'maintenance',
  payload: z.object({ task: z.enum(TASKS) }),
  options: { attempts: 3 },
  schedule: {
    'expire-stashes': { everyMs: MINUTE_MS, payload: { task: 'expire-stashes' } },
    'refresh-statistics': { everyMs: 5 * MINUTE_MS, payload: { task: 'refresh-statistics' } },
    // Finds nothing to do but after an update that changes how words are cut.
    'refresh-lexemes': { everyMs: MINUTE_MS, payload: { task: 'refresh-lexemes' } },
    // Finds nothing but what a process wrote while its project was moved to another one.
    'move-late-rows': { everyMs: 5 * MINUTE_MS, payload: { task: 'move-late-rows' } },
    'purge-forgotten': { everyMs: 24 * 60 * MINUTE_MS, payload: { task: 'purge-forgotten' } },
  },
  concurrency: { redis: 1, postgres: 1 },
  runsIn: ['container', 'local-server'],
  database: { connections: 3, statementTimeoutMs: 120_000 },
  needs: ['pool'],
  async start({ pool, logger, telemetry }) {
    const [{ createMaintenanceService }, { refreshLexemeStats }, { moveLateRows }] = await Promise.all([
      import('../memory/retention/maintenance-service.js'),
      import('../memory/search/refresh-lexeme-stats.js'),
      import('../identity/move-late-rows.js'),
    ]);
    const service = createMaintenanceService({ pool, logger, telemetry, refreshStatistics: refreshLexemeStats });
    return { handle: ({ task }) => (task === 'move-late-rows' ? moveLateRows(pool) : service.run(task)) };
  },
});
