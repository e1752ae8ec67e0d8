import type { ClientBase } from 'pg';
import type { AppError } from '../../errors.js';
import { describeFault } from '../faults/describe-fault.js';
import { lasting } from '../faults/fault.js';
import { translateDatabaseError } from '../faults/translate-error.js';
import { findVectorFault, MIN_PGVECTOR } from './inspect-schema.js';

/** What the migrations need; all but vector come with PostgreSQL (on Debian in postgresql-contrib). */
const EXTENSIONS = ['vector', 'pg_trgm', 'btree_gin'] as const;

interface ExtensionRow {
  name: string;
  installed: boolean;
  /** That the server could create; null where its files are not there. */
  available: string | null;
  /** Of pgvector: what is available is new enough. */
  new: boolean;
}

/**
 * Creates the extensions that a database lacks, and looks whether tables can be made in it: each of these is another person's
 * work when this role may not do it.
 * @throws AppError that says who must do what
 */
export async function requireExtensions(client: ClientBase): Promise<void> {
  const rows = await readExtensions(client);
  const { role, database, major } = await readPlace(client);
  const absent = rows.filter(({ installed, available }) => !installed && available === null).map(({ name }) => name);
  if (absent.length > 0) throw describeAbsent(absent, major);
  const old = rows.find(({ name, installed, new: isNew }) => name === 'vector' && !installed && !isNew);
  if (old) {
    const what = `The database server has pgvector ${old.available}, and PopStash needs ${MIN_PGVECTOR} or newer`;
    throw describeFault(lasting(what, `${installFix(major)} Then run popstash migrate again.`), '');
  }
  const refused: string[] = [];
  for (const { name } of rows.filter(({ installed }) => !installed)) {
    if (!(await create(client, name))) refused.push(name);
  }
  if (refused.length > 0) {
    const statements = refused.map((name) => `CREATE EXTENSION IF NOT EXISTS ${name};`).join(' ');
    const what = `The role ${role} may not create ${refused.length > 1 ? 'the extensions' : 'the extension'} ${refused.join(', ')}`;
    const fix = `Ask a superuser (with a provider: its administrator role) to run, in the database ${database}: ${statements} Then run popstash migrate again.`;
    throw describeFault(lasting(what, fix), '');
  }
  const fault = await findVectorFault(client);
  if (fault) throw fault;
  await requireSchema(client);
}

/** A database that has tables already may be up to date, and then needs no such right. */
async function requireSchema(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ schema: string | null; needed: boolean; role: string; database: string }>(
    `SELECT current_schema() AS schema, current_user AS role, current_database() AS database,
       to_regclass('_prisma_migrations') IS NULL AND has_schema_privilege(current_schema(), 'CREATE') IS NOT TRUE AS needed`,
  );
  const [place] = rows;
  if (!place?.needed) return;
  const { role, database, schema } = place;
  const what = `The role ${role} may not make tables in ${schema === null ? 'any schema of its search_path' : `the schema ${schema}`}`;
  const fix = `Ask the owner of the database ${database} to run, in it: GRANT USAGE, CREATE ON SCHEMA ${schema ?? 'public'} TO "${role}"; Then run popstash migrate again.`;
  throw describeFault(lasting(what, fix), '');
}

async function readExtensions(client: ClientBase): Promise<ExtensionRow[]> {
  const { rows } = await client.query<ExtensionRow>(
    `SELECT needed.name, e.oid IS NOT NULL AS installed, a.default_version AS available,
       coalesce((regexp_match(a.default_version, '^(\\d+)\\.(\\d+)'))::int[] >= '{0,8}', false) AS new
     FROM unnest($1::text[]) WITH ORDINALITY AS needed(name, position)
     LEFT JOIN pg_available_extensions a ON a.name = needed.name
     LEFT JOIN pg_extension e ON e.extname = needed.name ORDER BY needed.position`,
    [EXTENSIONS],
  );
  return rows;
}

async function readPlace(client: ClientBase): Promise<{ role: string; database: string; major: number }> {
  const { rows } = await client.query<{ role: string; database: string; major: number }>(
    `SELECT current_user AS role, current_database() AS database, current_setting('server_version_num')::int / 10000 AS major`,
  );
  return rows[0] ?? { role: 'of DATABASE_URL', database: '', major: 0 };
}

function describeAbsent(names: readonly string[], major: number): AppError {
  const what = `The database server does not have ${names.length > 1 ? 'the extensions' : 'the extension'} ${names.join(', ')}`;
  const steps = [
    ...(names.includes('vector') ? [installFix(major)] : []),
    ...(names.some((name) => name !== 'vector')
      ? ['Ask who runs it to install the extensions that come with PostgreSQL (Debian: postgresql-contrib).']
      : []),
  ];
  return describeFault(lasting(what, `${steps.join(' ')} Then run popstash migrate again.`), '');
}

function installFix(major: number): string {
  return `Ask who runs the database server to install pgvector ${MIN_PGVECTOR} or newer for PostgreSQL ${major} (Debian: postgresql-${major}-pgvector; else github.com/pgvector/pgvector).`;
}

/** @returns false when this role may not */
async function create(client: ClientBase, name: string): Promise<boolean> {
  try {
    await client.query(`CREATE EXTENSION IF NOT EXISTS ${name}`);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === '42501') return false;
    throw translateDatabaseError(error);
  }
}
