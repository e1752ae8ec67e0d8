import { createCloser } from '../../async/closer.js';
import type { Config } from '../../config.js';
import { translateDatabaseError } from '../../db/faults/translate-error.js';
import { type Check, type Finding, runCheck } from '../../hooks/doctor/run-check.js';
import { jobs } from '../../jobs/job-list.js';
import type { Logger } from '../../logger.js';
import { type JobList, workerOf } from '../../queue/define-job.js';
import { createQueueLink } from '../../queue/queue-link.js';
import { NO_TELEMETRY } from '../../telemetry/no-telemetry.js';
import { checkMigrations, checkPgvector, checkRights } from './check-database.js';
import { checkRedis, checkWorker } from './check-queue.js';
import { openServerDatabase } from './open-server-database.js';

/** A person waits for each check this long at most, in ms. */
const TIMEOUT_MS = 5_000;

/** What server mode needs besides an answering database: tables, rights, pgvector, Redis and live workers. */
export async function* checkServer(config: Config, logger: Logger): AsyncGenerator<Check> {
  const closer = createCloser(logger);
  try {
    const { pool, backend } = await openServerDatabase(config, logger, closer, {
      name: 'doctor',
      poolSize: 1,
      statementTimeoutMs: TIMEOUT_MS,
      telemetry: NO_TELEMETRY,
      isUnmigrated: true,
    });
    yield await look('migrations', () => checkMigrations(pool, config.packageRoot));
    yield await look('rights', () => checkRights(pool));
    yield await look('pgvector', () => checkPgvector(pool));
    if (config.redisUrl) yield await runCheck('redis', () => checkRedis(config.redisUrl ?? '', TIMEOUT_MS));
    const link = createQueueLink({ backend, logger, watchMs: TIMEOUT_MS });
    closer.add('queues', link.close);
    // Others run in the local server alone.
    const ofWorkers = (jobs as JobList).filter(({ runsIn }) => runsIn.includes('container'));
    for (const worker of new Set(ofWorkers.map(workerOf))) {
      const own = ofWorkers.filter((job) => workerOf(job) === worker);
      yield await runCheck(`worker ${worker}`, () => checkWorker(link, own, TIMEOUT_MS));
    }
  } finally {
    await closer.close();
  }
}

/** A check that asks the database: what it refuses is said in our words. */
function look(name: string, find: () => Promise<Finding>): Promise<Check> {
  return runCheck(name, () =>
    find().catch((error: unknown) => {
      throw translateDatabaseError(error);
    }),
  );
}
