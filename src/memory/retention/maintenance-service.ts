import type { Pool } from 'pg';
import { LIMITS } from '../../config.js';
import type { Logger } from '../../logger.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';
import { refreshLexemes } from '../passages/refresh-lexemes.js';
import { expireStashes, purgeForgotten } from './maintenance-repository.js';

export type MaintenanceTask = 'expire-stashes' | 'purge-forgotten' | 'refresh-statistics' | 'refresh-lexemes';

export interface MaintenanceService {
  /** Runs a task to its end. Idempotent, also while another process runs the same. @throws the database's error */
  run(task: MaintenanceTask): Promise<void>;
}

export interface MaintenanceDeps {
  /** Its statements may take longer than a tool's. */
  pool: Pool;
  logger: Logger;
  telemetry: Telemetry;
  /** Counts the words of projects: src/memory/search/refresh-lexeme-stats.ts. */
  refreshStatistics: (pool: Pool) => Promise<void>;
}

/** Expires stashes, purges forgotten memories, refreshes word statistics and lexemes, by the database's clock. */
export function createMaintenanceService(deps: MaintenanceDeps): MaintenanceService {
  const { pool, logger, telemetry } = deps;

  async function expire(): Promise<void> {
    for (;;) {
      const stashes = await expireStashes(pool);
      if (stashes.length === 0) return;
      for (const stash of stashes) {
        telemetry.record('pop_stash.stash.delete', {
          'stash.id': stash.id,
          'agent.id': stash.agentId,
          reason: 'expired',
        });
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
    'refresh-lexemes': () => refreshLexemes(pool, logger),
    'refresh-statistics': () => deps.refreshStatistics(pool),
  };
  return { run: (task) => tasks[task]() };
}
