import { existsSync } from 'node:fs';
import { readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  databaseFolder,
  makeDatabaseFolder,
  makePrivate,
  readOwnVersion,
  wasMade,
} from '../../data-folder/store/database-folder.js';
import { inspectStore } from '../../data-folder/store/inspect-store.js';
import { forgetStuck } from '../../data-folder/store/stuck-record.js';
import { checkTables } from '../../db/pglite/check-tables.js';
import { openPgliteThread } from '../../db/pglite/open-pglite-thread.js';
import { PglitePool } from '../../db/pglite/pglite-pool.js';
import type { Logger } from '../../logger.js';
import { wordError } from '../../word-error.js';
import { listBackups } from './daily-backups.js';
import { findLostTables } from './find-lost-tables.js';
import { checkBackup, stageBackup } from './restore-database.js';

/** What became of a damaged store. */
export interface MendedStore {
  /** What was wrong, in words. */
  damage: string;
  /** Where the damaged files are now; null when there were none. */
  aside: string | null;
  /** The backup that is in place; null: the store is empty. */
  backup: { folder: string; madeAt: Date; memories: number } | null;
  /** When the damaged files were written last; null where they do not tell. */
  lastWritten: Date | null;
}

/** Reading a table takes longer only when it does not end, in ms. */
const STATEMENT_MS = 30_000;

/**
 * Puts the newest backup that opens in place of a store that is damaged, or an empty store where there is none. The damaged
 * files are kept. The caller owns the data folder.
 * @returns null when the store is sound: nothing was changed
 * @throws AppError `not_ready`, see inspectStore, for the store of another version
 */
export async function mendStore(
  { dataDir, packageRoot }: { dataDir: string; packageRoot: string },
  logger: Logger,
  now: Date,
): Promise<MendedStore | null> {
  const folder = databaseFolder(dataDir);
  const damage = await findDamage(dataDir, packageRoot);
  if (damage === null) {
    await forgetStuck(dataDir);
    return null;
  }
  const aside = existsSync(folder)
    ? join(dataDir, `database.damaged-${now.toISOString().replace(/[:.]/g, '-')}`)
    : null;
  const lastWritten = await findLastWrite(folder);
  if (aside !== null) await rename(folder, aside);
  const backup = await installNewest(dataDir, packageRoot, logger, now);
  if (backup === null) {
    await makeDatabaseFolder(dataDir, packageRoot, logger);
    await makePrivate(folder);
  }
  await forgetStuck(dataDir);
  return { damage, aside, backup, lastWritten };
}

/** What is wrong with a store that nobody has open; null when it is sound. Opens it, which completes its log. */
async function findDamage(dataDir: string, packageRoot: string): Promise<string | null> {
  const folder = databaseFolder(dataDir);
  const found = await inspectStore(folder, await readOwnVersion(packageRoot));
  if (found.state === 'damaged') return found.what;
  // Where none was there before, the next server makes one.
  if (found.state === 'absent') return wasMade(dataDir) ? `the folder ${folder} is missing or empty` : null;
  if (found.state === 'other-version') return null;
  try {
    const database = await openPgliteThread(folder, { statementMs: STATEMENT_MS });
    const pool = new PglitePool(Promise.resolve(database));
    const patient = pool.openPatient();
    try {
      const lost = await findLostTables(patient, folder, found.suspects);
      if (lost === null) await checkTables(patient);
      return lost;
    } finally {
      await Promise.all([pool.end(), patient.end()]).catch(() => undefined);
      await database.close().catch(() => undefined);
    }
  } catch (error) {
    return wordError(error);
  }
}

async function installNewest(
  dataDir: string,
  packageRoot: string,
  logger: Logger,
  now: Date,
): Promise<MendedStore['backup']> {
  for (const { folder, manifest } of await listBackups(dataDir)) {
    try {
      await checkBackup(folder, packageRoot);
      const staged = await stageBackup(folder, { dataDir, packageRoot }, now);
      await staged.install();
      return { folder, madeAt: new Date(manifest.made_at), memories: staged.memories };
    } catch (error) {
      logger.warn({ err: error, folder }, 'this backup can not be used; trying an older one');
    }
  }
  return null;
}

async function findLastWrite(folder: string): Promise<Date | null> {
  const place = join(folder, 'pg_wal');
  const names = await readdir(place).catch(() => []);
  const times = await Promise.all(names.map(async (name) => (await stat(join(place, name))).mtimeMs));
  return times.length > 0 ? new Date(Math.max(...times)) : null;
}
