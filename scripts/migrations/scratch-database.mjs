// @ts-check
// A PostgreSQL in this process's memory (PGlite), for scripts that ask what migrations make.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { btree_gin } from '@electric-sql/pglite/contrib/btree_gin';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { vector } from '@electric-sql/pglite-pgvector';

/** @returns {Promise<{ query: import('./list-definitions.mjs').Query, close: () => Promise<void> }>} an empty database */
export async function openScratchDatabase() {
  const database = await PGlite.create({ extensions: { vector, pg_trgm, btree_gin } });
  return {
    query: async (sql) => (await database.exec(sql)).at(-1)?.rows ?? [],
    close: () => database.close(),
  };
}

/**
 * @param {string} root folder of the package
 * @returns {{ name: string, sql: string }[]} in the order in which they are applied
 */
export function readMigrations(root) {
  const folder = join(root, 'prisma', 'migrations');
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .map((name) => ({ name, sql: readFileSync(join(folder, name, 'migration.sql'), 'utf8') }));
}
