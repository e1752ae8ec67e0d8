import { randomUUID } from 'node:crypto';
import type { ClientBase, Pool, PoolClient } from 'pg';
import { AppError } from '../errors.js';
import { ADVISORY_LOCKS } from './advisory-locks.js';
import { describeFailedMigration, describeHalfApplied, describeNewer } from './faults/migration-errors.js';
import { type Baseline, functionsOf, type Migration, readBaselines, readMigrations } from './read-migrations.js';

export interface MigrationReport {
  applied: string[];
  /** Migrations that were there before. */
  present: number;
}

interface AppliedRow {
  migration_name: string;
  checksum: string;
  finished_at: Date | null;
}

/**
 * Applies prisma/migrations in order and records them as Prisma Migrate does (`_prisma_migrations`), since the
 * Prisma CLI's engine is a download. A database with the migrations of a development version is brought to today's
 * history first (prisma/baseline). Safe to run from several processes at once.
 * @throws AppError `conflict` when an earlier migration failed half way or was edited after it had been applied, or when
 *   the history is of a version that this one does not know
 */
export async function migrate(
  pool: Pool,
  packageRoot: string,
  prepare?: (client: ClientBase) => Promise<void>,
): Promise<MigrationReport> {
  const client = await pool.connect();
  try {
    await client.query('SET statement_timeout = 0');
    await client.query(`SELECT pg_advisory_lock(${ADVISORY_LOCKS.migration})`);
    try {
      await prepare?.(client);
      return await applyMissing(client, readMigrations(packageRoot), readBaselines(packageRoot));
    } finally {
      // A connection that broke has freed it.
      await client.query(`SELECT pg_advisory_unlock(${ADVISORY_LOCKS.migration})`).catch(() => undefined);
    }
  } finally {
    await client.query('RESET statement_timeout').catch(() => undefined);
    client.release();
  }
}

async function applyMissing(
  client: PoolClient,
  migrations: readonly Migration[],
  baselines: readonly Baseline[],
): Promise<MigrationReport> {
  await createHistory(client);
  const { rows } = await client.query<AppliedRow>(
    'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
  );
  const known = new Map(rows.map((row) => [row.migration_name, row]));
  const baseline = findBaseline(known, baselines);
  const newer = [...known.keys()].filter(
    (name) => !baseline?.from.has(name) && !migrations.some((each) => each.name === name),
  );
  if (newer.length > 0) throw describeNewer(newer);
  const report: MigrationReport = { applied: [], present: 0 };
  for (const migration of migrations) {
    const row = known.get(migration.name);
    if (row) {
      assertUsable(row, migration.checksum);
      report.present += 1;
      continue;
    }
    try {
      if (baseline?.to === migration.name) await applyBaseline(client, baseline, migration);
      else await inTransaction(client, () => apply(client, migration, migration.sql, null));
    } catch (error) {
      throw describeFailedMigration(migration.name, error);
    }
    report.applied.push(migration.name);
  }
  return report;
}

/** The table of Prisma Migrate; one that is there needs no right to make tables. */
async function createHistory(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there`,
  );
  if (rows[0]?.there) return;
  await client.query(`CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz, migration_name varchar(255) NOT NULL,
    logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`);
}

/** The baseline of a database that has earlier migrations; undefined when it has none of any. */
function findBaseline(known: ReadonlyMap<string, AppliedRow>, baselines: readonly Baseline[]): Baseline | undefined {
  const [related] = baselines.filter(({ from }) => [...from.keys()].some((name) => known.has(name)));
  if (!related) return undefined;
  const fits = [...related.from].every(([name, checksum]) => {
    const row = known.get(name);
    return row?.checksum === checksum && row.finished_at !== null;
  });
  if (fits) return related;
  throw new AppError({
    code: 'conflict',
    message: `This database has some migrations of a development version (${related.name}), but not exactly those.`,
    fix: 'Use the version of popstash that made this database, or start from an empty one.',
  });
}

/** What the database had becomes what the migration makes; the earlier rows of the history are replaced by its row. */
async function applyBaseline(client: PoolClient, baseline: Baseline, migration: Migration): Promise<void> {
  const earlier = [...baseline.from.keys()];
  await inTransaction(client, async () => {
    const logs = `brought here by prisma/baseline/${baseline.name}.sql from ${earlier.join(', ')}`;
    await apply(client, migration, `${baseline.sql}\n${functionsOf(migration)}`, logs);
    await client.query('DELETE FROM _prisma_migrations WHERE migration_name = ANY($1)', [earlier]);
  });
}

async function apply(client: PoolClient, migration: Migration, sql: string, logs: string | null): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, logs, started_at)
     VALUES ($1, $2, $3, $4, clock_timestamp()) RETURNING id`,
    [randomUUID(), migration.checksum, migration.name, logs],
  );
  await client.query(sql);
  await client.query(
    'UPDATE _prisma_migrations SET finished_at = clock_timestamp(), applied_steps_count = 1 WHERE id = $1',
    [rows[0]?.id],
  );
}

/** A process killed half way leaves nothing behind that a person would have to repair. */
async function inTransaction(client: PoolClient, work: () => Promise<void>): Promise<void> {
  await client.query('BEGIN');
  try {
    await work();
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

function assertUsable(row: AppliedRow, checksum: string): void {
  if (row.finished_at === null) throw describeHalfApplied(row.migration_name);
  if (row.checksum !== checksum) {
    throw new AppError({
      code: 'conflict',
      message: `Migration ${row.migration_name} was changed after this database had applied it.`,
      fix: 'Use a version of popstash that fits this database, or start from an empty database.',
    });
  }
}
