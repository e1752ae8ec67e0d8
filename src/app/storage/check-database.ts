import type { Pool } from 'pg';
import { describeHalfApplied } from '../../db/faults/migration-errors.js';
import { listMigrations } from '../../db/read-migrations.js';
import { findVectorFault, readSchemaState } from '../../db/server/inspect-schema.js';
import type { Finding } from '../../hooks/doctor/run-check.js';

/** Names that a message gives one by one. */
const SHOWN = 5;

/** Whether the database has the tables of this version: all migrations, none half applied, none of a later version. */
export async function checkMigrations(pool: Pool, packageRoot: string): Promise<Finding> {
  const state = await readSchemaState(pool, listMigrations(packageRoot));
  if (!state)
    return { state: 'warning', detail: 'this user may not read _prisma_migrations', fix: 'Grant SELECT on it.' };
  const { known, half, missing, newer } = state;
  if (half.length > 0) {
    return {
      state: 'broken',
      detail: `${half.join(', ')} failed half way`,
      fix: describeHalfApplied(half[0] ?? '').fix,
    };
  }
  if (missing.length > 0) {
    return {
      state: 'broken',
      detail: `${missing.length} of ${known} are not applied: ${missing.join(', ')}`,
      fix: 'popstash migrate',
    };
  }
  if (newer.length > 0) {
    return {
      state: 'broken',
      detail: `the database is of a newer PopStash: ${newer.join(', ')}`,
      fix: 'Update this PopStash.',
    };
  }
  return { detail: `all ${known} are applied` };
}

/** Whether the user of DATABASE_URL may read and write all that PopStash does. */
export async function checkRights(pool: Pool): Promise<Finding> {
  const { rows: states } = await pool.query<{ user: string; schema: string | null }>(
    'SELECT current_user::text AS user, current_schema() AS schema',
  );
  const { user = '', schema = null } = states[0] ?? {};
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
  const fault = await findVectorFault(pool);
  if (fault) return { state: 'broken', detail: fault.message, fix: fault.fix };
  const { rows } = await pool.query<{ version: string }>(
    `SELECT extversion AS version FROM pg_extension WHERE extname = 'vector'`,
  );
  return { detail: `version ${rows[0]?.version}` };
}
