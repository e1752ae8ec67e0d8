import type { Pool } from 'pg';
import type { Closer } from '../../async/closer.js';
import type { Config } from '../../config.js';
import { nameDatabase } from '../../database-url.js';
import { createPool } from '../../db/pool.js';
import { listMigrations } from '../../db/read-migrations.js';
import { createSchemaInspection } from '../../db/server/inspect-schema.js';
import type { Logger } from '../../logger.js';
import { openBackend, type QueueBackend } from '../../queue/backend.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';

/** Where rows and jobs are. */
export interface OpenDatabase {
  pool: Pool;
  backend: QueueBackend;
}

export interface ServerDatabaseOptions {
  /** The process, as PostgreSQL shows it: popstash-NAME. */
  name: string;
  /** Most connections; POPSTASH_POOL_SIZE by default. */
  poolSize?: number;
  /** ms before a statement is given up; LIMITS.databaseTimeoutMs by default. */
  statementTimeoutMs?: number;
  /** ms that each of its pools may take to close. */
  closeMs?: number;
  telemetry: Telemetry;
  /** Taken as it is: by the command that makes the tables, and by the one that says what they lack. */
  isUnmigrated?: true;
}

/** The database and the job queue of server mode. Both connect on first use, so they open also while they are away. */
export async function openServerDatabase(
  config: Config,
  logger: Logger,
  closer: Closer,
  { name, poolSize = config.poolSize, statementTimeoutMs, closeMs, telemetry, isUnmigrated }: ServerDatabaseOptions,
): Promise<OpenDatabase> {
  const pool = createPool({
    connectionString: config.databaseUrl ?? '',
    size: poolSize,
    logger,
    applicationName: `popstash-${name}`,
    ...(!isUnmigrated && { inspect: createSchemaInspection(listMigrations(config.packageRoot)) }),
    ...(statementTimeoutMs !== undefined && { statementTimeoutMs }),
  });
  telemetry.traceQueries(pool, nameDatabase(config.databaseUrl ?? ''));
  closer.add('database', () => pool.end(), closeMs);
  const { backend, close } = await openBackend(config, logger);
  closer.add('job queue', close, closeMs);
  return { pool, backend };
}
