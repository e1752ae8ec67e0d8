import type { Pool } from 'pg';
import { LIMITS } from '../../config.js';
import type { Logger } from '../../logger.js';
import type { JobPayload } from '../../queue/catalog.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';
import { expireStashes, purgeForgotten } from './maintenance-repository.js';

export type MaintenanceTask = JobPayload<'maintenance'>['task'];

export interface MaintenanceService {
  /** Does a task to its end. Idempotent; safe beside another of its kind. @throws the database's error */
  run(task: MaintenanceTask): Promise<void>;
}

export interface MaintenanceDeps {
  /** Its statements may take longer than a tool's. */
  pool: Pool;
  logger: Logger;
  telemetry: Telemetry;
  /** Counts words anew where a project changed: src/memory/search/refresh-lexeme-stats.ts. */
  refreshStatistics: (pool: Pool) => Promise<void>;
}

/** What time brings, by the database's clock: stashes end, forgotten memories go, word statistics age. */
export function createMaintenanceService(deps: MaintenanceDeps): MaintenanceService {
  const { pool, logger, telemetry } = deps;

  async function expire(): Promise<void> {
    for (;;) {
      const stashes = await expireStashes(pool);
      if (stashes.length === 0) return;
      for (const stash of stashes) {
        await telemetry.withSpan(
          'pop_stash.stash.delete',
          { 'stash.id': stash.id, 'agent.id': stash.agentId, reason: 'expired' },
          async () => undefined,
        );
      }
      logger.info({ stashes: stashes.length }, 'stashes expired');
    }
  }

  async function purge(): Promise<void> {
    const purged = await purgeForgotten(pool, LIMITS.forgottenDays);
    if (purged > 0) logger.info({ purged }, 'memories purged for good');
  }

  const tasks: Record<MaintenanceTask, () => Promise<void>> = {
    'expire-stashes': expire,
    'purge-forgotten': purge,
    'refresh-statistics': () => deps.refreshStatistics(pool),
  };
  return { run: (task) => tasks[task]() };
}
