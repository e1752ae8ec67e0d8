import type { Pool } from 'pg';
import { readMigrations } from '../../db/read-migrations.js';
import type { Finding } from '../../hooks/doctor/run-check.js';

/** The oldest version of pgvector with what the indexes need. */
const MIN_PGVECTOR = '0.8.0';
/** Names that a message gives one by one. */
const SHOWN = 5;

/** Whether the database has the tables of this version: all migrations, none half applied, none of a later version. */
export async function checkMigrations(pool: Pool, packageRoot: string): Promise<Finding> {
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

/** Whether the user of DATABASE_URL may read and write all that PopStash does. */
export async function checkRights(pool: Pool): Promise<Finding> {
  const { rows: states } = await pool.query<{
    user: string;
    standby: boolean;
    readonly: string;
    schema: string | null;
  }>(
    `SELECT current_user::text AS user, pg_is_in_recovery() AS standby, current_setting('transaction_read_only') AS readonly,
       current_schema() AS schema`,
  );
  const { user = '', standby = false, readonly = 'off', schema = null } = states[0] ?? {};
  if (standby || readonly === 'on') {
    const detail = standby
      ? 'the database is a standby: it takes no writes'
      : 'the database takes no writes (read only)';
    return { state: 'broken', detail, fix: 'Point DATABASE_URL to the primary.' };
  }
  const missing = await listMissingRights(pool);
  if (missing.length === 0) return { detail: `${user} reads and writes every table` };
  const named = missing.slice(0, SHOWN).join(', ');
  const more = missing.length > SHOWN ? ` and ${missing.length - SHOWN} more` : '';
  return {
    state: 'broken',
    detail: `${user} may not use ${named}${more}`,
    fix: `Grant it, in schema ${schema ?? 'public'}: SELECT, INSERT, UPDATE, DELETE ON ALL TABLES, USAGE ON ALL SEQUENCES, EXECUTE ON ALL FUNCTIONS`,
  };
}

/** Tables, sequences and functions that this user may not use, of all that are in the schema of the tables. */
async function listMissingRights(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `WITH place AS (SELECT relnamespace AS id FROM pg_class WHERE oid = '_prisma_migrations'::regclass)
     SELECT c.relname AS name FROM pg_class c JOIN place p ON p.id = c.relnamespace
     WHERE c.relname <> '_prisma_migrations' AND CASE
       WHEN c.relkind IN ('r', 'p') THEN EXISTS (
         SELECT 1 FROM unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) AS needed(privilege)
         WHERE NOT has_table_privilege(c.oid, needed.privilege))
       WHEN c.relkind IN ('v', 'm') THEN NOT has_table_privilege(c.oid, 'SELECT')
       WHEN c.relkind = 'S' THEN NOT has_sequence_privilege(c.oid, 'USAGE')
       ELSE false END
     UNION ALL
     SELECT f.proname || '()' FROM pg_proc f JOIN place p ON p.id = f.pronamespace
     WHERE NOT has_function_privilege(f.oid, 'EXECUTE')
     ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

/** Whether vectors can be stored and compared. */
export async function checkPgvector(pool: Pool): Promise<Finding> {
  const { rows } = await pool.query<{ version: string }>(
    `SELECT extversion AS version FROM pg_extension WHERE extname = 'vector' AND to_regtype('vector') IS NOT NULL`,
  );
  const version = rows[0]?.version;
  const fix = 'Install pgvector on the database server, then: popstash migrate';
  if (!version) return { state: 'broken', detail: 'the extension vector is not there, or not in the search path', fix };
  const { default: lt } = await import('semver/functions/lt.js');
  const { default: coerce } = await import('semver/functions/coerce.js');
  if (lt(coerce(version) ?? version, MIN_PGVECTOR)) {
    return { state: 'broken', detail: `pgvector ${version} is older than ${MIN_PGVECTOR}`, fix };
  }
  return { detail: `version ${version}` };
}
