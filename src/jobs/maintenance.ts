import * as z from 'zod';
import { defineJob } from './define-job.js';

const MINUTE_MS = 60_000;

/** Expires stashes, purges forgotten memories, counts words and cuts them by today's rules, by the database's clock. */
export const maintenance = defineJob({
  name: 'maintenance',
  payload: z.object({ task: z.enum(['expire-stashes', 'purge-forgotten', 'refresh-statistics', 'refresh-lexemes']) }),
  options: { attempts: 3 },
  schedule: {
    'expire-stashes': { everyMs: MINUTE_MS, payload: { task: 'expire-stashes' } },
    'refresh-statistics': { everyMs: 5 * MINUTE_MS, payload: { task: 'refresh-statistics' } },
    // Finds nothing to do but after an update that changes how words are cut.
    'refresh-lexemes': { everyMs: MINUTE_MS, payload: { task: 'refresh-lexemes' } },
    'purge-forgotten': { everyMs: 24 * 60 * MINUTE_MS, payload: { task: 'purge-forgotten' } },
  },
  concurrency: { redis: 1, postgres: 1 },
  runsIn: ['container', 'local-server'],
  database: { connections: 3, statementTimeoutMs: 120_000 },
  needs: ['pool'],
  async start({ pool, logger, telemetry }) {
    const [{ createMaintenanceService }, { refreshLexemeStats }] = await Promise.all([
      import('../memory/retention/maintenance-service.js'),
      import('../memory/search/refresh-lexeme-stats.js'),
    ]);
    const service = createMaintenanceService({ pool, logger, telemetry, refreshStatistics: refreshLexemeStats });
    return { handle: ({ task }) => service.run(task) };
  },
});
