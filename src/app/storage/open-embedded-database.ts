import { join } from 'node:path';
import type { Pool } from 'pg';
import type { Closer } from '../../async/closer.js';
import type { Config } from '../../config.js';
import type { OwnedFolder } from '../../data-folder/lock-folder.js';
import {
  databaseFolder,
  makeDatabaseFolder,
  makePrivate,
  markMade,
  readOwnVersion,
  wasMade,
} from '../../data-folder/store/database-folder.js';
import { type LostBytes, recordSizes } from '../../data-folder/store/file-sizes.js';
import { inspectStore, markDamaged } from '../../data-folder/store/inspect-store.js';
import { findStuck } from '../../data-folder/store/stuck-record.js';
import { describeDamage, translateDamage } from '../../db/faults/embedded-errors.js';
import type { MigrationReport } from '../../db/migrate.js';
import { openPgliteThread, type ThreadedPglite } from '../../db/pglite/open-pglite-thread.js';
import type { PgliteBackend } from '../../db/pglite/pglite-backend.js';
import { PglitePool } from '../../db/pglite/pglite-pool.js';
import { AppError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';
import { findLostTables } from './find-lost-tables.js';
import { migrateEmbedded } from './migrate-embedded.js';
import type { OpenDatabase } from './open-server-database.js';
import { startLogRecord } from './start-log-record.js';

/** A client that nobody gave back must not keep the database from closing for longer than this, in ms. */
const CLOSE_POOL_MS = 2_000;
/** Closing waits for the statement under way, in ms; openPgliteThread ends the thread a little earlier. */
const CLOSE_DATABASE_MS = 12_000;

export interface FolderOwner {
  /** The database died, or the folder was lost: only a new process can go on. */
  onFatal?: (error: Error) => void;
  folder?: Pick<OwnedFolder, 'follow' | 'findLoss'>;
}

export interface EmbeddedDatabase extends OpenDatabase, Pick<ThreadedPglite, 'copyTo'> {
  /** For statements that may take long. */
  patient: Pool;
  /** For jobs and their queue: statements of calls go first. */
  background: Pool;
}

/**
 * The database of a data folder, in its thread, migrated, with the job queue on it. The caller owns the folder.
 * @throws AppError `database_unavailable` when the files are damaged, `not_ready` when they are another version's,
 *   `conflict`, see migrate
 */
export async function openEmbeddedDatabase(
  config: Pick<Config, 'dataDir' | 'packageRoot'>,
  logger: Logger,
  closer: Closer,
  telemetry: Telemetry,
  { onFatal, folder: owned }: FolderOwner = {},
): Promise<EmbeddedDatabase> {
  const folder = databaseFolder(config.dataDir);
  const suspects = await prepareFolder(config, logger);
  const database = await openSound(folder);
  let isSound = false;
  closer.add('embedded database', () => close(folder, database, isSound), CLOSE_DATABASE_MS);
  // Its path leads through every folder above it, so that one look tells of them all.
  owned?.follow(join(folder, 'global', 'pg_control'));
  const answering = owned ? confirmAnswers(database, owned.findLoss) : database;
  const pool = new PglitePool(Promise.resolve(answering), onFatal ? { onFatal } : {});
  const [patient, background] = [pool.openPatient(), pool.openBackground()];
  for (const each of [pool, patient, background]) {
    telemetry.traceQueries(each, 'postgres');
    closer.add('pool of the embedded database', () => each.end(), CLOSE_POOL_MS);
    each.on('error', (error) => logger.warn({ err: error }, 'a client of the embedded database broke'));
  }
  const report = await bringUpToDate(pool, config, folder, suspects);
  if (report.applied.length > 0) logger.info({ applied: report.applied }, 'migrated');
  // After a checkpoint all files are on the disk.
  await pool.query('CHECKPOINT');
  await recordSizes(folder, 'after a checkpoint');
  await markMade(config.dataDir);
  closer.add('record of the log', startLogRecord(pool, folder, logger).stop);
  isSound = true;
  const backend = { kind: 'postgres', pool: background } as const;
  return { pool, patient, background, backend, copyTo: database.copyTo };
}

/** Makes the database where there is none, and refuses to open one that has lost something. */
async function prepareFolder(
  { dataDir, packageRoot }: Pick<Config, 'dataDir' | 'packageRoot'>,
  logger: Logger,
): Promise<LostBytes[]> {
  const folder = databaseFolder(dataDir);
  const stuck = await findStuck(dataDir, new Date());
  if (stuck !== null) throw describeStuck(stuck);
  const own = await readOwnVersion(packageRoot);
  const found = await inspectStore(folder, own);
  if (found.state === 'damaged') throw describeDamage(found.what);
  if (found.state === 'other-version') throw describeOtherVersion(folder, found.version, own);
  if (found.state === 'absent') {
    if (wasMade(dataDir)) throw describeDamage(`the folder ${folder} is missing or empty`);
    await makeDatabaseFolder(dataDir, packageRoot, logger);
  }
  await makePrivate(folder);
  return found.state === 'sound' ? found.suspects : [];
}

function describeStuck(why: string): AppError {
  return new AppError({
    code: 'database_unavailable',
    message: `The store is not opened: ${why}.`,
    fix: 'Ask the user to run popstash doctor --fix: it reads the whole store, and replaces it by the newest backup if it is damaged.',
  });
}

function describeOtherVersion(folder: string, made: number, own: number): AppError {
  return new AppError({
    code: 'not_ready',
    message: `The store in ${folder} was made by PostgreSQL ${made}, and this PopStash has PostgreSQL ${own}. Nothing was changed.`,
    fix: `Ask the user to use the ${made > own ? 'newer' : 'older'} PopStash that made it; memories move by popstash export and import.`,
    retryable: true,
  });
}

/** Whatever the disk says; everything else is the files' fault, since they are of this version. */
const NOT_THE_FILES = /ENOSPC|EACCES|EPERM|EROFS|EMFILE|ENOMEM|memory|took longer than|No space/i;

async function openSound(folder: string): Promise<ThreadedPglite> {
  try {
    return await openPgliteThread(folder);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (NOT_THE_FILES.test(message)) throw error;
    throw describeDamage(`PostgreSQL can't start on ${folder} (${message})`, error);
  }
}

async function bringUpToDate(
  pool: Pool,
  { packageRoot }: Pick<Config, 'packageRoot'>,
  folder: string,
  suspects: readonly LostBytes[],
): Promise<MigrationReport> {
  try {
    await refuseLostTables(pool, folder, suspects);
    return await migrateEmbedded(pool, packageRoot);
  } catch (error) {
    throw translateDamage(error);
  }
}

async function refuseLostTables(pool: Pool, folder: string, suspects: readonly LostBytes[]): Promise<void> {
  const what = await findLostTables(pool, folder, suspects);
  if (what === null) return;
  // Recovery may have made the files again, empty: the next opening would find nothing.
  await markDamaged(folder, what, new Date());
  throw describeDamage(what);
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

async function close(folder: string, database: ThreadedPglite, isSound: boolean): Promise<void> {
  await database.close();
  if (isSound) await recordSizes(folder, 'closed');
}
