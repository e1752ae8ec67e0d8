import type { ClientBase } from 'pg';
import { AppError } from '../../errors.js';
import { describeFault } from '../faults/describe-fault.js';
import { lasting } from '../faults/fault.js';
import { describeHalfApplied, describeNewer } from '../faults/migration-errors.js';

/** A client or a pool. */
export type Asked = Pick<ClientBase, 'query'>;

/** What a database has of the migrations of this version. */
export interface SchemaState {
  /** Migrations of this version. */
  known: number;
  /** None was ever applied. */
  isEmpty: boolean;
  missing: string[];
  /** Begun, and not finished. */
  half: string[];
  /** Of a later version. */
  newer: string[];
}

/** @returns null where this role may not read the history, which it does not need */
export async function readSchemaState(client: Asked, names: readonly string[]): Promise<SchemaState | null> {
  const { rows: found } = await client.query<{ readable: boolean | null }>(
    `SELECT has_table_privilege(to_regclass('_prisma_migrations'), 'SELECT') AS readable`,
  );
  const readable = found[0]?.readable ?? null;
  if (readable === false) return null;
  const { rows } =
    readable === null
      ? { rows: [] }
      : await client.query<{ name: string; finished: boolean }>(
          `SELECT migration_name AS name, finished_at IS NOT NULL AS finished FROM _prisma_migrations WHERE rolled_back_at IS NULL`,
        );
  return {
    known: names.length,
    isEmpty: rows.length === 0,
    missing: names.filter((name) => !rows.some((row) => row.name === name)),
    half: rows.filter(({ finished }) => !finished).map(({ name }) => name),
    newer: rows.filter(({ name }) => !names.includes(name)).map(({ name }) => name),
  };
}

/** The oldest pgvector with what the indexes need, as PostgreSQL compares versions. */
export const MIN_PGVECTOR = '0.8';
const IS_NEW_ENOUGH = `(regexp_match(e.extversion, '^(\\d+)\\.(\\d+)'))::int[] >= '{0,8}'`;

/** What is wrong with pgvector in this database; null when nothing is. */
export async function findVectorFault(client: Asked): Promise<AppError | null> {
  const { rows } = await client.query<{ version: string; schema: string; role: string; new: boolean; usable: boolean }>(
    `SELECT e.extversion AS version, n.nspname AS schema, current_user AS role, ${IS_NEW_ENOUGH} AS new,
       has_schema_privilege(n.oid, 'USAGE') AS usable
     FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'vector'`,
  );
  const [vector] = rows;
  if (!vector) {
    const fix =
      'Ask a superuser to run, in this database: CREATE EXTENSION vector; then run popstash migrate. If it is not available, install pgvector on the database server first.';
    return describeFault(lasting('The extension vector (pgvector) is not there', fix), '');
  }
  if (!vector.new) {
    const what = `pgvector ${vector.version} is too old: PopStash needs ${MIN_PGVECTOR} or newer`;
    const fix =
      'Ask who runs the database server to install a newer pgvector, then a superuser to run, in this database: ALTER EXTENSION vector UPDATE';
    return describeFault(lasting(what, fix), '');
  }
  if (!vector.usable) {
    const what = `The extension vector is in the schema ${vector.schema}, which the role ${vector.role} may not use`;
    const fix = `Ask the owner of that schema to run: GRANT USAGE ON SCHEMA "${vector.schema}" TO "${vector.role}"`;
    return describeFault(lasting(what, fix), '');
  }
  return null;
}

/**
 * A look at a database before it is used: is it migrated, by this version, and is pgvector there?
 * @param names of this version's migrations
 * @returns what throws AppError when it is not: `not_ready` without (all) tables, `conflict` for those of a later version or
 *   a migration that did not finish, `database_unavailable` without pgvector
 */
export function createSchemaInspection(names: readonly string[]): (client: Asked) => Promise<void> {
  return async (client) => {
    const state = await readSchemaState(client, names);
    const fault = (state && describeState(state)) ?? (await findVectorFault(client));
    if (fault) throw fault;
  };
}

function describeState({ known, isEmpty, missing, half, newer }: SchemaState): AppError | null {
  const [unfinished] = half;
  if (unfinished !== undefined) return describeHalfApplied(unfinished);
  if (missing.length > 0) {
    const lacks = isEmpty
      ? 'The database was never migrated: it has no tables of PopStash'
      : `The database is of an older PopStash: ${missing.length} of ${known} migrations are not applied`;
    return new AppError({
      code: 'not_ready',
      message: `${lacks}. Nothing was written.`,
      fix: 'Ask the user to run popstash migrate, with the same DATABASE_URL.',
    });
  }
  return newer.length > 0 ? describeNewer(newer) : null;
}
