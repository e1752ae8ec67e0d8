import type { Pool } from 'pg';
import { type MigrationReport, migrate } from '../../db/migrate.js';
import { installChangeLog } from '../../memory/passage-index/change-log.js';
import { runQueueMigrations } from '../../queue/backend.js';

/**
 * Brings an embedded database up to date: the migrations of a server, the queue's tables, no index of vectors, which
 * costs more in WebAssembly than it saves (docs/decisions/no-vector-index-in-embedded.md), and the log of changed passages.
 * @throws AppError `conflict`, see migrate
 */
export async function migrateEmbedded(pool: Pool, packageRoot: string): Promise<MigrationReport> {
  const report = await migrate(pool, packageRoot);
  await runQueueMigrations(pool);
  await pool.query('DROP INDEX IF EXISTS passages_embedding_hnsw');
  await installChangeLog(pool);
  return report;
}
