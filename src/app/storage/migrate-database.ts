import type { Config } from '../../config.js';
import { translateDatabaseError } from '../../db/database-errors.js';
import { type MigrationReport, migrate } from '../../db/migrate.js';
import { createPool } from '../../db/pool.js';
import type { Logger } from '../../logger.js';
import { runQueueMigrations } from '../../queue/backend.js';

/**
 * Migrates the database of server mode: our tables, and BullMQ's own when there is no Redis to keep the jobs.
 * @throws AppError `database_unavailable` when it can't be reached, `conflict` from an unusable history.
 */
export async function migrateDatabase(config: Config, logger: Logger): Promise<MigrationReport> {
  const pool = createPool({ connectionString: config.databaseUrl ?? '', size: 1, logger, statementTimeoutMs: 0 });
  try {
    const report = await migrate(pool, config.packageRoot);
    if (!config.redisUrl) await runQueueMigrations(pool);
    return report;
  } catch (error) {
    throw translateDatabaseError(error);
  } finally {
    await pool.end();
  }
}
