import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { createCloser } from '../async/closer.js';
import type { Config, Environment } from '../config.js';
import { translateDatabaseError } from '../db/faults/translate-error.js';
import type { Embedder } from '../embedding/embedding-types.js';
import { AppError } from '../errors.js';
import type { JobResources } from '../jobs/define-job.js';
import { jobs } from '../jobs/job-list.js';
import { createLogger, type Logger } from '../logger.js';
import { parseConfig } from '../parse-config.js';
import { type JobDefinition, type JobList, workerOf } from '../queue/define-job.js';
import { startJobs } from '../queue/start-job.js';
import { createTelemetry } from '../telemetry/create-telemetry.js';
import { maskLogLine } from '../text/mask-log-line.js';
import { openServerDatabase } from './storage/open-server-database.js';

/** A worker that has not closed by itself this long after a signal, in ms, is ended. */
const CLOSE_TIMEOUT_MS = 9_000;
/** Pause between two checks of a database that is away or not migrated yet, in ms. */
const DATABASE_RETRY_MS = 500;

/**
 * Runs a worker process in server mode: waits for a migrated database, takes the jobs of its name until SIGTERM or
 * SIGINT, stops gracefully and ends by itself. What only a person can mend (settings, a database that refuses it) ends it
 * with exit code 1 and one line on stderr; anything that no handler caught ends it with exit code 1 too: its supervisor
 * restarts it.
 * @param name one of `workerNames` (src/jobs/job-list.ts)
 */
export async function runWorker(env: Environment, name: string): Promise<void> {
  try {
    await work(env, name);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    process.stderr.write(`popstash worker ${name}: ${error.message} ${error.fix}\n`);
    process.exit(1);
  }
}

async function work(env: Environment, name: string): Promise<void> {
  const own: JobList = jobs.filter((job) => workerOf(job) === name);
  const config = parseConfig(env);
  if (!config.databaseUrl) {
    throw new AppError({
      code: 'invalid_argument',
      message: 'DATABASE_URL is not set: the embedded server does the work of all workers itself.',
      fix: 'Set DATABASE_URL, and REDIS_URL when jobs are on Redis.',
    });
  }
  // People read a service's log: unless a level is set it says what the worker does, not only what went wrong.
  const logger = createLogger(env.POPSTASH_LOG_LEVEL ? config.logLevel : 'info', name, maskLogLine);
  const die = (error: unknown) => {
    logger.fatal({ err: error }, 'the worker ends');
    process.exit(1);
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.abort());

  const closer = createCloser(logger);
  const telemetry = await createTelemetry(config, logger, 'long');
  closer.add('telemetry', telemetry.close);
  const { pool, backend } = await openServerDatabase(config, logger, closer, {
    name,
    poolSize: own.reduce((sum, job) => sum + (job.database?.connections ?? 0), 0),
    statementTimeoutMs: Math.max(...own.map((job) => job.database?.statementTimeoutMs ?? 0)),
    telemetry,
  });
  await waitForTables(pool, logger, stopping.signal);
  if (!stopping.signal.aborted) {
    const embedder = own.some(needsModel) ? await openModel(config, logger) : undefined;
    if (embedder) closer.add('model', embedder.close);
    const { activityDays, costDays } = config;
    const kept = { activityDays, costDays };
    const resources: Partial<JobResources> = { pool, mode: 'server', ...kept, ...(embedder && { embedder }) };
    const running = await startJobs(own, { resources, backend, logger, telemetry });
    closer.add('jobs', running.close, CLOSE_TIMEOUT_MS);
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

function needsModel(job: JobDefinition): boolean {
  return job.needs.includes('embedder');
}

/** The model, loaded. */
async function openModel(config: Config, logger: Logger): Promise<Embedder> {
  const [{ createEmbedder }, { findModel }] = await Promise.all([
    import('../embedding/create-embedder.js'),
    import('../embedding/model-store.js'),
  ]);
  const embedder = createEmbedder({ modelDir: findModel(config.packageRoot), delayMs: config.modelDelayMs, logger });
  await embedder.warmUp();
  return embedder;
}

/**
 * Waits for a database that is away or not migrated yet: others start it, and migrate it.
 * @throws AppError for what stays until a person acts
 */
async function waitForTables(pool: Pool, logger: Logger, signal: AbortSignal): Promise<void> {
  for (let told = ''; !signal.aborted; ) {
    try {
      await pool.query('SELECT FROM passages LIMIT 0');
      return;
    } catch (error) {
      const problem = translateDatabaseError(error);
      if (problem instanceof AppError && !problem.retryable && problem.code !== 'not_ready') throw problem;
      const { code } = problem as { code?: string };
      if (told !== code) logger.warn({ err: problem }, 'waiting for a migrated database (popstash migrate)');
      told = code ?? '';
      await sleep(DATABASE_RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
