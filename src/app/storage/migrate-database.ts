import type { Config } from '../../config.js';
import { describeFailedMigration } from '../../db/faults/migration-errors.js';
import { translateDatabaseError } from '../../db/faults/translate-error.js';
import { type MigrationReport, migrate } from '../../db/migrate.js';
import { createPool } from '../../db/pool.js';
import { requireExtensions } from '../../db/server/require-extensions.js';
import type { Logger } from '../../logger.js';
import { runQueueMigrations } from '../../queue/backend.js';

/**
 * Migrates the database of server mode: our tables, and BullMQ's own when there is no Redis to keep the jobs.
 * @throws AppError `database_unavailable` when it can't be reached or lacks what migrations need, `conflict` from an unusable
 *   history, `internal` with PostgreSQL's own words for what a migration can't do
 */
export async function migrateDatabase(config: Config, logger: Logger): Promise<MigrationReport> {
  const pool = createPool({ connectionString: config.databaseUrl ?? '', size: 1, logger, statementTimeoutMs: 0 });
  try {
    const report = await migrate(pool, config.packageRoot, requireExtensions);
    if (!config.redisUrl) {
      await runQueueMigrations(pool).catch((error: unknown) => {
        throw describeFailedMigration('of the job queue (schema bullmq)', error);
      });
    }
    return report;
  } catch (error) {
    throw translateDatabaseError(error);
  } finally {
    await pool.end();
  }
}
