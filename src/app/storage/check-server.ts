import type { Pool } from 'pg';
import { createCloser } from '../../async/closer.js';
import type { Config } from '../../config.js';
import { readMigrations } from '../../db/read-migrations.js';
import { AppError } from '../../errors.js';
import { type Check, type Finding, runCheck } from '../../hooks/doctor/run-check.js';
import { jobs } from '../../jobs/job-list.js';
import type { Logger } from '../../logger.js';
import { workerOf } from '../../queue/define-job.js';
import { createQueueLink } from '../../queue/queue-link.js';
import { readRedisState } from '../../queue/read-redis-state.js';
import { NO_TELEMETRY } from '../../telemetry/no-telemetry.js';
import { openServerDatabase } from './open-server-database.js';

/** The oldest version of pgvector with what the indexes need. */
const MIN_PGVECTOR = '0.8.0';
/** A person waits for each check this long at most, in ms. */
const TIMEOUT_MS = 5_000;
/** A queue whose oldest job waits longer than this is not worked on, in ms. */
const MAX_WAIT_MS = 60_000;
/** Share of its memory from which Redis is said to be nearly full. */
const NEARLY_FULL = 0.9;

/** What server mode needs besides an answering database: tables, rights, pgvector, Redis and live workers. */
export async function* checkServer(config: Config, logger: Logger): AsyncGenerator<Check> {
  const closer = createCloser(logger);
  try {
    const { pool, backend } = await openServerDatabase(config, logger, closer, {
      name: 'doctor',
      poolSize: 1,
      statementTimeoutMs: TIMEOUT_MS,
      telemetry: NO_TELEMETRY,
    });
    yield await runCheck('migrations', () => checkMigrations(pool, config.packageRoot));
    yield await runCheck('rights', () => checkRights(pool));
    yield await runCheck('pgvector', () => checkPgvector(pool));
    if (config.redisUrl) yield await runCheck('redis', () => checkRedis(config.redisUrl ?? ''));
    const link = createQueueLink({ backend, logger, watchMs: TIMEOUT_MS });
    closer.add('queues', link.close);
    for (const worker of new Set(jobs.map(workerOf))) {
      const own = jobs.filter((job) => workerOf(job) === worker);
      yield await runCheck(`worker ${worker}`, async () => {
        const states = await Promise.all(
          own.map((job) =>
            link.use(job, TIMEOUT_MS, async (queue) => {
              const [workers, [oldest]] = await Promise.all([
                queue.getWorkersCount(),
                queue.getJobs(['waiting'], 0, 0, true),
              ]);
              return { name: job.name, workers, waitedMs: oldest ? Date.now() - oldest.timestamp : 0 };
            }),
          ),
        );
        const idle = states.filter(({ workers }) => workers === 0).map(({ name }) => name);
        const late = states.filter(({ waitedMs }) => waitedMs > MAX_WAIT_MS);
        const fix = `popstash worker ${worker}`;
        if (idle.length > 0) return { state: 'broken', detail: `no process takes the jobs ${idle.join(', ')}`, fix };
        if (late.length === 0) return { detail: `takes ${own.map(({ name }) => name).join(', ')}` };
        const waits = late.map(({ name, waitedMs }) => `${name}: ${Math.round(waitedMs / 1_000)} s`).join(', ');
        return {
          state: 'warning',
          detail: `jobs have waited for long (${waits})`,
          fix: 'Start more workers of this name.',
        };
      });
    }
  } finally {
    await closer.close();
  }
}

async function checkMigrations(pool: Pool, packageRoot: string): Promise<Finding> {
  const known = readMigrations(packageRoot).map(({ name }) => name);
  const { rows: tables } = await pool.query(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there`);
  const { rows } = tables[0]?.there
    ? await pool.query<{ name: string; finished: boolean }>(
        `SELECT migration_name AS name, finished_at IS NOT NULL AS finished FROM _prisma_migrations WHERE rolled_back_at IS NULL`,
      )
    : { rows: [] };
  const half = rows.filter(({ finished }) => !finished).map(({ name }) => name);
  if (half.length > 0) {
    return {
      state: 'broken',
      detail: `${half.join(', ')} failed half way`,
      fix: 'Restore the backup from before it, then: popstash migrate',
    };
  }
  const missing = known.filter((name) => !rows.some((row) => row.name === name));
  if (missing.length > 0) {
    return {
      state: 'broken',
      detail: `${missing.length} of ${known.length} are not applied: ${missing.join(', ')}`,
      fix: 'popstash migrate',
    };
  }
  const newer = rows.filter(({ name }) => !known.includes(name)).map(({ name }) => name);
  if (newer.length > 0) {
    return {
      state: 'broken',
      detail: `the database is of a newer PopStash: ${newer.join(', ')}`,
      fix: 'Update this PopStash.',
    };
  }
  return { detail: `all ${known.length} are applied` };
}

async function checkRights(pool: Pool): Promise<Finding> {
  const { rows: states } = await pool.query<{ user: string; standby: boolean; readonly: string }>(
    `SELECT current_user::text AS user, pg_is_in_recovery() AS standby, current_setting('transaction_read_only') AS readonly`,
  );
  const { user = '', standby = false, readonly = 'off' } = states[0] ?? {};
  if (standby || readonly === 'on') {
    const detail = standby
      ? 'the database is a standby: it takes no writes'
      : 'the database takes no writes (read only)';
    return { state: 'broken', detail, fix: 'Point DATABASE_URL to the primary.' };
  }
  const { rows } = await pool.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p')
       AND EXISTS (SELECT 1 FROM _prisma_migrations)
       AND NOT has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE') = true
     ORDER BY 1`,
  );
  if (rows.length === 0) return { detail: `${user} reads and writes every table` };
  return {
    state: 'broken',
    detail: `${user} may not read and write ${rows.map(({ name }) => name).join(', ')}`,
    fix: `Grant it: GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${user}`,
  };
}

async function checkPgvector(pool: Pool): Promise<Finding> {
  const { rows } = await pool.query<{ version: string }>(
    `SELECT extversion AS version FROM pg_extension WHERE extname = 'vector'`,
  );
  const version = rows[0]?.version;
  const fix = 'Install pgvector on the database server, then: popstash migrate';
  if (!version) return { state: 'broken', detail: 'the extension vector is not there', fix };
  const { default: lt } = await import('semver/functions/lt.js');
  const { default: coerce } = await import('semver/functions/coerce.js');
  if (lt(coerce(version) ?? version, MIN_PGVECTOR)) {
    return { state: 'broken', detail: `pgvector ${version} is older than ${MIN_PGVECTOR}`, fix };
  }
  return { detail: `version ${version}` };
}

/** BullMQ needs a Redis that never drops keys to make room: https://docs.bullmq.io/guide/going-to-production#max-memory-policy */
async function checkRedis(url: string): Promise<Finding> {
  const { policy, usedBytes, maxBytes } = await readRedisState(url, TIMEOUT_MS).catch((error: unknown) => {
    throw new AppError({
      code: 'database_unavailable',
      message: `does not answer: ${error instanceof Error ? error.message : String(error)}`,
      fix: 'Nothing is lost meanwhile: jobs wait in the database. Look at REDIS_URL and whether Redis runs there.',
    });
  });
  if (policy !== 'noeviction') {
    const detail = `its maxmemory-policy is ${policy}: it may drop jobs`;
    return { state: 'broken', detail, fix: 'Set maxmemory-policy noeviction.' };
  }
  if (maxBytes > 0 && usedBytes > maxBytes * NEARLY_FULL) {
    const percent = Math.round((usedBytes / maxBytes) * 100);
    return { state: 'warning', detail: `${percent} % of its memory is used`, fix: 'Give Redis more memory.' };
  }
  return { detail: `answers; ${Math.round(usedBytes / 1e6)} MB used, policy ${policy}` };
}
