import { join } from 'node:path';
import type { Closer } from '../../async/closer.js';
import type { Config } from '../../config.js';
import { prepareDatabaseFolder } from '../../data-folder/database-folder.js';
import type { OwnedFolder } from '../../data-folder/lock-folder.js';
import { openPgliteThread, type ThreadedPglite } from '../../db/pglite/open-pglite-thread.js';
import type { PgliteBackend } from '../../db/pglite/pglite-backend.js';
import { PglitePool } from '../../db/pglite/pglite-pool.js';
import type { Logger } from '../../logger.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';
import { migrateEmbedded } from './migrate-embedded.js';
import type { OpenDatabase } from './open-server-database.js';

/** A client that nobody gave back must not keep the database from closing for longer than this, in ms. */
const CLOSE_POOL_MS = 2_000;
/** Closing waits for the statement under way, in ms; openPgliteThread ends the thread a little earlier. */
const CLOSE_DATABASE_MS = 12_000;

export interface FolderOwner {
  /** The database died, or the folder was lost: only a new process can go on. */
  onFatal?: (error: Error) => void;
  folder?: Pick<OwnedFolder, 'follow' | 'findLoss'>;
}

/** The database of a data folder, in its thread, migrated, with the job queue on it. The caller owns the folder. */
export async function openEmbeddedDatabase(
  config: Pick<Config, 'dataDir' | 'packageRoot'>,
  logger: Logger,
  closer: Closer,
  telemetry: Telemetry,
  { onFatal, folder: owned }: FolderOwner = {},
): Promise<OpenDatabase & Pick<ThreadedPglite, 'copyTo'>> {
  const folder = await prepareDatabaseFolder(config.dataDir, config.packageRoot, logger);
  const database = await openPgliteThread(folder);
  closer.add('embedded database', database.close, CLOSE_DATABASE_MS);
  for (const part of [folder, join(folder, 'global', 'pg_control')]) owned?.follow(part);
  const backend = owned ? confirmAnswers(database, owned.findLoss) : database;
  const pool = new PglitePool(Promise.resolve(backend), onFatal ? { onFatal } : {});
  telemetry.traceQueries(pool, 'postgres');
  closer.add('pool of the embedded database', () => pool.end(), CLOSE_POOL_MS);
  pool.on('error', (error) => logger.warn({ err: error }, 'a client of the embedded database broke'));
  const report = await migrateEmbedded(pool, config.packageRoot);
  if (report.applied.length > 0) logger.info({ applied: report.applied }, 'migrated');
  return { pool, backend: { kind: 'postgres', pool }, copyTo: database.copyTo };
}

/**
 * A statement is answered only while its files are those that the next server will open: an acknowledged write is never
 * in a file that was deleted before.
 */
function confirmAnswers(database: PgliteBackend, findLoss: () => string | null): PgliteBackend {
  return {
    async run(bytes) {
      const answer = await database.run(bytes);
      const loss = findLoss();
      if (loss !== null) throw new Error(loss);
      return answer;
    },
    close: database.close,
  };
}
