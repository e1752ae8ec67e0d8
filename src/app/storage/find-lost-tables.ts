import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Pool } from 'pg';
import type { LostBytes } from '../../data-folder/store/file-sizes.js';
import { nameFaults } from '../../data-folder/store/inspect-store.js';

/**
 * Tables and indexes whose files are missing, or have become smaller than they were.
 * @param suspects files that have become smaller, as they were found before the database was opened
 * @returns in words; null when there are none
 */
export async function findLostTables(
  pool: Pool,
  folder: string,
  suspects: readonly LostBytes[],
): Promise<string | null> {
  const { rows } = await pool.query<{ name: string; path: string; kept: boolean }>(
    `SELECT relname AS name, pg_relation_filepath(oid) AS path, relpersistence = 'p' AS kept FROM pg_class
     WHERE relkind IN ('r', 'i', 't', 'm', 'S') AND pg_relation_filepath(oid) IS NOT NULL`,
  );
  const faults = rows.flatMap(({ name, path, kept }) => {
    if (!existsSync(join(folder, path))) return [`${name}: ${path} is missing`];
    const lost = suspects.find((each) => each.path.replace(/\.\d+$/, '') === path);
    // Recovery empties tables that are not logged, and a process may be killed before the new sizes are recorded.
    return lost && kept ? [`${name}: ${lost.what}`] : [];
  });
  return faults.length > 0 ? nameFaults(faults) : null;
}
