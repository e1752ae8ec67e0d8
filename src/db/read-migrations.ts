import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** From this line on a migration holds whole functions and views, as scripts/create-migration.mjs puts them there. */
const FUNCTIONS_MARKER = '-- == Functions and views, as in prisma/functions';

export interface Migration {
  name: string;
  sql: string;
  /** SHA-256 of migration.sql in hexadecimal, as Prisma Migrate records it. */
  checksum: string;
}

/** Brings a database with an earlier history of migrations to the state after one of today's. */
export interface Baseline {
  /** Name of the file, without its ending. */
  name: string;
  /** Checksums of the earlier migrations, by name: all of them, and no others. */
  from: ReadonlyMap<string, string>;
  /** Name of the migration whose state it makes. */
  to: string;
  /** Tables and types; the functions come from the migration itself. */
  sql: string;
}

/** The names of the migrations of prisma/migrations, in the order in which they are applied. */
export function listMigrations(packageRoot: string): string[] {
  return readdirSync(migrationsFolder(packageRoot), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** The migrations of prisma/migrations, in the order in which they are applied. */
export function readMigrations(packageRoot: string): Migration[] {
  return listMigrations(packageRoot).map((name) => {
    const sql = readFileSync(join(migrationsFolder(packageRoot), name, 'migration.sql'), 'utf8');
    return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
  });
}

function migrationsFolder(packageRoot: string): string {
  return join(packageRoot, 'prisma', 'migrations');
}

/** The functions and views of a migration, without its tables. */
export function functionsOf({ sql }: Migration): string {
  const at = sql.indexOf(FUNCTIONS_MARKER);
  return at < 0 ? '' : sql.slice(at);
}

/**
 * The files of prisma/baseline. Their first lines say `-- from NAME CHECKSUM`, for each earlier migration, and `-- to NAME`.
 * @throws Error for a file that does not
 */
export function readBaselines(packageRoot: string): Baseline[] {
  const folder = join(packageRoot, 'prisma', 'baseline');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => {
      const sql = readFileSync(join(folder, file), 'utf8');
      const from = new Map(
        [...sql.matchAll(/^-- from (\S+) ([0-9a-f]{64})$/gm)].map(([, name = '', sum = '']) => [name, sum]),
      );
      const to = /^-- to (\S+)$/m.exec(sql)?.[1];
      if (from.size === 0 || !to)
        throw new Error(`prisma/baseline/${file} does not say from which migrations to which`);
      return { name: file.replace(/\.sql$/, ''), from, to, sql };
    });
}
