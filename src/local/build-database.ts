import { openPglite } from '../db/pglite-backend.js';
import { PglitePool } from '../db/pglite-pool.js';
import { migrateEmbedded } from './migrate-embedded.js';

/** Makes a new, migrated, closed database folder, as small as it gets: what scripts/build-template.mjs ships. */
export async function buildDatabase(folder: string, packageRoot: string): Promise<void> {
  // Finished segments of the log are deleted instead of kept for reuse; a build that fails is made again.
  const database = await openPglite(folder, { wal_recycle: 'off', min_wal_size: '2MB', fsync: 'off' });
  const pool = new PglitePool(Promise.resolve(database));
  await migrateEmbedded(pool, packageRoot);
  await pool.query('VACUUM (FREEZE, ANALYZE)');
  await pool.query('CHECKPOINT');
  await pool.end();
  await database.close();
}
