import pg, { type Pool } from 'pg';
import { LIMITS } from '../config.js';
import type { Logger } from '../logger.js';
import { INDEX_PLANS } from './planner-hints.js';

export interface PoolOptions {
  connectionString: string;
  /** Most connections; also the most statements under way at once. */
  size: number;
  logger: Logger;
  /** ms before a statement is given up; 0 for none (migrations). */
  statementTimeoutMs?: number;
  applicationName?: string;
}

/**
 * A pool that never hangs: connecting, waiting for a free connection and each statement end within LIMITS.databaseTimeoutMs.
 * Connects on first use. Broken idle connections are dropped and logged, never thrown.
 */
export function createPool(options: PoolOptions): Pool {
  const statementTimeout = options.statementTimeoutMs ?? LIMITS.databaseTimeoutMs;
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    max: options.size,
    connectionTimeoutMillis: LIMITS.databaseTimeoutMs,
    ...(statementTimeout > 0 && {
      statement_timeout: statementTimeout,
      // The server enforces statement_timeout; this one also covers a server that no longer answers at all.
      query_timeout: statementTimeout + 500,
    }),
    options: Object.entries(INDEX_PLANS)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: options.applicationName ?? 'popstash',
  });
  surviveBrokenConnections(pool, (error) => options.logger.warn({ err: error }, 'a database connection broke'));
  return pool;
}

/**
 * A connection that breaks emits an event, which ends the process when nothing listens: pg's pool listens while a
 * client is idle, its borrower may not. The statement under way fails either way.
 */
export function surviveBrokenConnections(pool: Pool, report: (error: Error) => void): void {
  pool.on('error', report);
  pool.on('connect', (client) => client.on('error', report));
}
