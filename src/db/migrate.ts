import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pool, PoolClient } from 'pg';
import { AppError } from '../errors.js';

/** Prisma Migrate's own advisory lock, so that the two never migrate at once. */
const MIGRATION_LOCK = 72_707_369;

export interface MigrationReport {
  applied: string[];
  /** Migrations that were there before. */
  present: number;
}

/**
 * Applies prisma/migrations in order and records them as Prisma Migrate does (`_prisma_migrations`), since the
 * Prisma CLI's engine is a download. Safe to run from several processes at once.
 * @throws AppError `conflict` when an earlier migration failed half way or was edited after it had been applied.
 */
export async function migrate(pool: Pool, packageRoot: string): Promise<MigrationReport> {
  const client = await pool.connect();
  try {
    await client.query('SET statement_timeout = 0');
    await client.query(`SELECT pg_advisory_lock(${MIGRATION_LOCK})`);
    try {
      return await applyMissing(client, join(packageRoot, 'prisma', 'migrations'));
    } finally {
      await client.query(`SELECT pg_advisory_unlock(${MIGRATION_LOCK})`);
    }
  } finally {
    await client.query('RESET statement_timeout').catch(() => undefined);
    client.release();
  }
}

async function applyMissing(client: PoolClient, folder: string): Promise<MigrationReport> {
  await client.query(`CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz, migration_name varchar(255) NOT NULL,
    logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`);
  const { rows } = await client.query<{ migration_name: string; checksum: string; finished_at: Date | null }>(
    'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
  );
  const known = new Map(rows.map((row) => [row.migration_name, row]));
  const report: MigrationReport = { applied: [], present: 0 };
  for (const { name, sql, checksum } of readMigrations(folder)) {
    const row = known.get(name);
    if (row) {
      assertUsable(row, checksum);
      report.present += 1;
      continue;
    }
    await applyOne(client, { name, sql, checksum });
    report.applied.push(name);
  }
  return report;
}

/** In one transaction, row and all: a process killed half way leaves nothing behind that a person had to repair. */
async function applyOne(client: PoolClient, migration: { name: string; sql: string; checksum: string }): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(
      'INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at) VALUES ($1, $2, $3, clock_timestamp())',
      [randomUUID(), migration.checksum, migration.name],
    );
    await client.query(migration.sql);
    await client.query(
      `UPDATE _prisma_migrations SET finished_at = clock_timestamp(), applied_steps_count = 1
        WHERE migration_name = $1 AND finished_at IS NULL AND rolled_back_at IS NULL`,
      [migration.name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

function assertUsable(
  row: { migration_name: string; checksum: string; finished_at: Date | null },
  checksum: string,
): void {
  if (row.finished_at === null) {
    throw new AppError({
      code: 'conflict',
      message: `Migration ${row.migration_name} did not finish when it was applied.`,
      fix: `Repair the database by hand, then run: npx prisma migrate resolve --applied ${row.migration_name} (or --rolled-back).`,
    });
  }
  if (row.checksum !== checksum) {
    throw new AppError({
      code: 'conflict',
      message: `Migration ${row.migration_name} was changed after this database had applied it.`,
      fix: 'Use a version of popstash that fits this database, or start from an empty database.',
    });
  }
}

function readMigrations(folder: string): { name: string; sql: string; checksum: string }[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const sql = readFileSync(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });
}
