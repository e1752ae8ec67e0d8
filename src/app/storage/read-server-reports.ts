import { createCloser } from '../../async/closer.js';
import type { Config } from '../../config.js';
import { translateDatabaseError } from '../../db/faults/translate-error.js';
import { createPool } from '../../db/pool.js';
import { listMigrations } from '../../db/read-migrations.js';
import { createSchemaInspection } from '../../db/server/inspect-schema.js';
import type { Logger } from '../../logger.js';
import type { Reports } from '../../reports/report-types.js';
import { createLazyReports } from './lazy-reports.js';

/** A person waits: a report may take longer than an agent's call, in ms. */
const STATEMENT_TIMEOUT_MS = 30_000;
const MAX_CONNECTIONS = 3;

/**
 * Asks the reports of server mode. The command does so itself: fronts load no Prisma Client.
 * @throws AppError `database_unavailable` when it can't be reached
 */
export async function readServerReports<T>(
  config: Config,
  logger: Logger,
  read: (reports: Reports) => Promise<T>,
): Promise<T> {
  const closer = createCloser(logger);
  const pool = createPool({
    connectionString: config.databaseUrl ?? '',
    size: MAX_CONNECTIONS,
    logger,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    applicationName: 'popstash-reports',
    inspect: createSchemaInspection(listMigrations(config.packageRoot)),
  });
  closer.add('database', () => pool.end());
  try {
    // Fails as `pg` fails, which translateDatabaseError knows.
    await pool.query('SELECT FROM projects LIMIT 0');
    return await read(await createLazyReports(pool, closer)());
  } catch (error) {
    throw translateDatabaseError(error);
  } finally {
    await closer.close();
  }
}
