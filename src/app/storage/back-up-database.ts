import { chmod, mkdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../../config.js';
import { backedUpDatabase, writeManifest } from '../../data-folder/store/backup-manifest.js';
import { measureFolder } from '../../data-folder/store/measure-folder.js';
import type { ThreadedPglite } from '../../db/pglite/open-pglite-thread.js';
import { AppError } from '../../errors.js';
import { wordError } from '../../word-error.js';
import type { OpenDatabase } from './open-server-database.js';

/**
 * Copies the embedded database into a new folder while it serves: statements wait for the copy, which is what a crash at
 * that moment would leave, so every acknowledged write is in it.
 * @param folder absolute; made by this call
 * @returns the size of the copy, in bytes
 * @throws AppError `conflict` when the folder is there already, `internal` when it can't be written
 */
export async function backUpDatabase(
  { pool, copyTo }: OpenDatabase & Pick<ThreadedPglite, 'copyTo'>,
  { dataDir, version }: Pick<Config, 'dataDir' | 'version'>,
  folder: string,
): Promise<{ bytes: number }> {
  const path = resolve(folder);
  if (`${path}/`.startsWith(`${join(dataDir, 'database')}/`)) {
    throw new AppError({
      code: 'invalid_argument',
      message: 'A backup within the database would contain itself.',
      fix: 'Choose a folder elsewhere.',
    });
  }
  await makeNew(path);
  try {
    // Less to recover when the copy is opened.
    await pool.query('CHECKPOINT');
    const { rows } = await pool.query<{ name: string }>(
      'SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY migration_name',
    );
    const to = backedUpDatabase(path);
    await copyTo(to);
    const bytes = await measureFolder(to);
    await writeManifest(path, {
      format: 'popstash-backup',
      format_version: 1,
      made_at: new Date().toISOString(),
      popstash: version,
      migrations: rows.map(({ name }) => name),
      bytes,
    });
    return { bytes };
  } catch (error) {
    await rm(path, { recursive: true, force: true });
    if (error instanceof AppError) throw error;
    throw new AppError({
      code: 'internal',
      message: `The backup could not be written: ${wordError(error)}`,
      fix: `Look whether ${dirname(path)} has room and may be written. Nothing of it was kept.`,
      cause: error,
    });
  }
}

async function makeNew(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await mkdir(path, { mode: 0o700 });
    await chmod(path, 0o700);
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new AppError({
      code: isThere ? 'conflict' : 'invalid_argument',
      message: isThere ? `${path} is there already.` : `${path} can't be made: ${(error as Error).message}`,
      fix: 'Name a folder that is not there yet, in a place that may be written.',
      cause: error,
    });
  }
}
