import { existsSync } from 'node:fs';
import { chmod, cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config.js';
import { backedUpDatabase, readManifest } from '../../data-folder/store/backup-manifest.js';
import { readOwnVersion } from '../../data-folder/store/database-folder.js';
import { inspectStore } from '../../data-folder/store/inspect-store.js';
import { openPgliteThread } from '../../db/pglite/open-pglite-thread.js';
import { PglitePool } from '../../db/pglite/pglite-pool.js';
import { readMigrations } from '../../db/read-migrations.js';
import { AppError } from '../../errors.js';

/** A copy of a backup beside the database, which has shown that it opens. */
export interface StagedDatabase {
  /** Memories of all projects, versions included. */
  memories: number;
  /** Puts it in the database's place. The caller owns the data folder. @returns where the former one is; null: none */
  install(): Promise<string | null>;
  /** Removes the copy. */
  discard(): Promise<void>;
}

/** @throws AppError `not_found` for what is no whole backup, `conflict` for one of a newer version */
export async function checkBackup(folder: string, packageRoot: string): Promise<void> {
  const manifest = await readManifest(folder);
  if (!manifest) {
    throw new AppError({
      code: 'not_found',
      message: `${folder} is no backup of PopStash, or one that was not finished.`,
      fix: 'Give the folder that popstash backup has written.',
    });
  }
  const known = new Set(readMigrations(packageRoot).map(({ name }) => name));
  const newer = manifest.migrations.filter((name) => !known.has(name));
  if (newer.length === 0) return;
  throw new AppError({
    code: 'conflict',
    message: `The backup is of a newer PopStash (${manifest.popstash}): this one does not know ${newer.join(', ')}.`,
    fix: 'Update this PopStash, then restore.',
  });
}

/**
 * Copies a backup into the data folder and opens the copy once, which replays its log: a backup that is broken is found
 * before anything is replaced.
 * @throws Error when it does not open
 */
export async function stageBackup(
  backup: string,
  { dataDir, packageRoot }: Pick<Config, 'dataDir' | 'packageRoot'>,
  now: Date,
): Promise<StagedDatabase> {
  const staged = join(dataDir, `database.restoring-${process.pid}`);
  const discard = () => rm(staged, { recursive: true, force: true });
  await discard();
  try {
    await cp(backedUpDatabase(backup), staged, { recursive: true });
    await chmod(staged, 0o700);
    const found = await inspectStore(staged, await readOwnVersion(packageRoot));
    if (found.state === 'damaged') throw new Error(found.what);
    if (found.state !== 'sound') throw new Error('it holds no database of this version of PostgreSQL');
    const memories = await openOnce(staged);
    return { memories, discard, install: () => install(staged, dataDir, now) };
  } catch (error) {
    await discard();
    throw error;
  }
}

async function openOnce(folder: string): Promise<number> {
  const database = await openPgliteThread(folder);
  const pool = new PglitePool(Promise.resolve(database));
  try {
    const { rows } = await pool.query<{ count: number }>(
      `SELECT ((SELECT count(*) FROM insights) + (SELECT count(*) FROM stashes) + (SELECT count(*) FROM decisions))::int AS count`,
    );
    return rows[0]?.count ?? 0;
  } finally {
    await pool.end();
    await database.close();
  }
}

async function install(staged: string, dataDir: string, now: Date): Promise<string | null> {
  const folder = join(dataDir, 'database');
  const former = existsSync(folder)
    ? join(dataDir, `database.before-${now.toISOString().replace(/[:.]/g, '-')}`)
    : null;
  if (former !== null) await rename(folder, former);
  try {
    await rename(staged, folder);
  } catch (error) {
    if (former !== null) await rename(former, folder);
    throw error;
  }
  return former;
}
