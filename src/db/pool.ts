import type { ClientBase, Pool } from 'pg';
import { LIMITS } from '../config.js';
import type { Logger } from '../logger.js';
import { INDEX_PLANS } from './planner-hints.js';
import { createDatabaseHosts } from './server/database-hosts.js';
import { ServerPool } from './server/server-pool.js';
import type { SessionSettings } from './server/session-settings.js';

export interface PoolOptions {
  /** A DATABASE_URL, also one with several hosts. */
  connectionString: string;
  /** Most connections; also the most statements under way at once. */
  size: number;
  logger: Logger;
  /** ms before a statement is given up; 0 for none (migrations). */
  statementTimeoutMs?: number;
  applicationName?: string;
  /** Of each connection; by default what the product's own statements are planned with. */
  settings?: SessionSettings;
  /** Of the line that a broken connection logs; those who retry by themselves need none. */
  brokenLevel?: 'warn' | 'debug';
  /** A look at the database at the first connection; what it throws is what the caller gets. */
  inspect?: ((client: ClientBase) => Promise<void>) | undefined;
}

/**
 * A pool that never hangs: connecting, waiting for a free connection and each statement end within LIMITS.databaseTimeoutMs.
 * Connects on first use. Broken idle connections are dropped and logged, never thrown.
 */
export function createPool(options: PoolOptions): Pool {
  const statementTimeout = options.statementTimeoutMs ?? LIMITS.databaseTimeoutMs;
  const pool = new ServerPool({
    hosts: createDatabaseHosts(options.connectionString),
    settings: { ...(options.settings ?? INDEX_PLANS), statement_timeout: `${statementTimeout}` },
    inspect: options.inspect,
    max: options.size,
    connectionTimeoutMillis: LIMITS.databaseTimeoutMs,
    // The server enforces statement_timeout; this one also covers a server that no longer answers at all.
    ...(statementTimeout > 0 && { query_timeout: statementTimeout + 500 }),
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: options.applicationName ?? 'popstash',
  });
  surviveBrokenConnections(pool, (error) => {
    options.logger[options.brokenLevel ?? 'warn']({ reason: error.message }, 'a database connection broke');
  });
  return pool;
}

/**
 * A connection that breaks emits an event, which ends the process when nothing listens: pg's pool listens while a
 * client is idle, its borrower may not. The statement under way fails either way.
 */
function surviveBrokenConnections(pool: Pool, report: (error: Error) => void): void {
  pool.on('error', report);
  pool.on('connect', (client) => client.on('error', report));
}
