import { openPglite } from '../../db/pglite/pglite-backend.js';
import { PglitePool } from '../../db/pglite/pglite-pool.js';
import { migrateEmbedded } from './migrate-embedded.js';

/** Makes a new, migrated, closed database folder, as small as it gets: what scripts/build-template.mjs ships. */
export async function buildDatabase(folder: string, packageRoot: string): Promise<void> {
  // Finished segments of the log are deleted instead of kept for reuse; a build that fails is made again.
  const database = await openPglite(folder, { wal_recycle: 'off', min_wal_size: '2MB', fsync: 'off' });
  const pool = new PglitePool(Promise.resolve(database));
  await migrateEmbedded(pool, packageRoot);
  // Not our own tables: statements that are prepared after an empty table was vacuumed keep a plan for an empty table. Of
  // a table that was never vacuumed, the planner expects that it will grow.
  const { rows } = await pool.query<{ names: string }>(
    `SELECT string_agg(oid::regclass::text, ', ') AS names FROM pg_class
     WHERE relkind = 'r' AND relnamespace = 'pg_catalog'::regnamespace AND NOT relisshared`,
  );
  await pool.query(`VACUUM (FREEZE, ANALYZE) ${rows[0]?.names}`);
  await pool.query('CHECKPOINT');
  await pool.end();
  await database.close();
}
