import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { createCloser } from '../async/closer.js';
import type { Config, Environment } from '../config.js';
import { AppError } from '../errors.js';
import type { Work } from '../jobs/start-embedding-work.js';
import { createLogger, type Logger } from '../logger.js';
import { parseConfig } from '../parse-config.js';
import type { QueueBackend } from '../queue/backend.js';
import { createTelemetry } from '../telemetry/create-telemetry.js';
import type { Telemetry } from '../telemetry/telemetry-types.js';
import { openServerDatabase } from './open-server-database.js';

export interface WorkerParts {
  config: Config;
  pool: Pool;
  backend: QueueBackend;
  logger: Logger;
  telemetry: Telemetry;
}

export interface WorkerSettings {
  name: string;
  /** ms before a statement is given up. */
  statementTimeoutMs: number;
  poolSize: number;
  /** Starts the work; a rejection ends the process with exit code 1. */
  start: (parts: WorkerParts) => Promise<Work>;
}

/** A worker that has not closed by itself this long after a signal, in ms, is ended. */
const CLOSE_TIMEOUT_MS = 9_000;
/** Pause between two polls for a database that is away or not migrated yet, in ms. */
const DATABASE_RETRY_MS = 500;

/**
 * The life of a worker process in server mode: waits for a migrated database, works until SIGTERM or SIGINT, stops
 * gracefully and ends by itself. Anything that no handler caught ends it with exit code 1: its supervisor restarts it.
 * @throws AppError `invalid_argument` without DATABASE_URL
 */
export async function runWorker(env: Environment, settings: WorkerSettings): Promise<void> {
  const config = parseConfig(env);
  if (!config.databaseUrl) {
    throw new AppError({
      code: 'invalid_argument',
      message: 'DATABASE_URL is not set: the embedded server does the work of all workers itself.',
      fix: 'Set DATABASE_URL, and REDIS_URL when jobs are on Redis.',
    });
  }
  // People read the log of a service: by default it says what it does, not only what went wrong.
  const logger = createLogger(env.POPSTASH_LOG_LEVEL ? config.logLevel : 'info', settings.name);
  const die = (error: unknown) => {
    logger.fatal({ err: error }, 'the worker ends');
    process.exit(1);
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.abort());

  const closer = createCloser(logger);
  const telemetry = await createTelemetry(config, logger);
  closer.add('telemetry', telemetry.close);
  const { pool, backend } = await openServerDatabase(config, logger, closer, settings);
  await waitForTables(pool, logger, stopping.signal);
  if (!stopping.signal.aborted) {
    const work = await settings.start({ config, pool, backend, logger, telemetry });
    closer.add('work', work.close, CLOSE_TIMEOUT_MS);
    logger.info({ backend: backend.kind }, 'ready: takes jobs');
    if (!stopping.signal.aborted) {
      await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve, { once: true }));
    }
  }
  // A handle that some library keeps must not keep the process.
  setTimeout(() => process.exit(0), CLOSE_TIMEOUT_MS).unref();
  await closer.close();
  logger.info('stopped');
  process.exit(0);
}

async function waitForTables(pool: Pool, logger: Logger, signal: AbortSignal): Promise<void> {
  for (let warned = false; !signal.aborted; warned = true) {
    try {
      await pool.query('SELECT FROM passages LIMIT 0');
      return;
    } catch (error) {
      if (!warned) logger.warn({ err: error }, 'waiting for a migrated database (popstash migrate)');
      await sleep(DATABASE_RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
