import { existsSync } from 'node:fs';
import { readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { repeat } from '../../async/repeat.js';
import { type BackupManifest, readManifest } from '../../data-folder/store/backup-manifest.js';
import { databaseFolder } from '../../data-folder/store/database-folder.js';
import { measureFolder } from '../../data-folder/store/measure-folder.js';
import type { Logger } from '../../logger.js';

export interface KeptBackup {
  folder: string;
  manifest: BackupManifest;
}

const DAY_MS = 24 * 60 * 60_000;
/** Backups are kept for so long. */
const KEEP_MS = 7 * DAY_MS;
/** All backups together take no more than this, in bytes; the newest is kept while it alone does not. */
const MAX_BYTES = 2 * 1024 ** 3;
/** A backup leaves so much room on the disk, in bytes. */
const MIN_FREE_BYTES = 512 * 1024 ** 2;
/** After the start, and between two looks, in ms. */
const FIRST_MS = 5 * 60_000;
const CHECK_MS = 10 * 60_000;
const DAILY = /^daily-/;

/** Where a data folder keeps its daily backups. */
export function backupsFolder(dataDir: string): string {
  return join(dataDir, 'backups');
}

/** The daily backups of a data folder, the newest first. Those that were not finished are left out. */
export async function listBackups(dataDir: string): Promise<KeptBackup[]> {
  const place = backupsFolder(dataDir);
  const names = (await readdir(place).catch(() => [])).filter((name) => DAILY.test(name));
  const found = await Promise.all(
    names.map(async (name) => ({ folder: join(place, name), manifest: await readManifest(join(place, name)) })),
  );
  return found
    .filter((each): each is KeptBackup => each.manifest !== null)
    .sort((one, other) => (one.manifest.made_at < other.manifest.made_at ? 1 : -1));
}

export interface DailyBackupOptions {
  dataDir: string;
  /** Copies the store into a folder that is not there yet. */
  backUp: (folder: string) => Promise<{ bytes: number }>;
  logger: Logger;
}

/**
 * Makes a backup when the newest one is a day old, and deletes those that are older than a week or too large together.
 * @param maxBytes of all of them
 * @returns the backup that was made; null when none is due, or when there is no room for one
 */
export async function backUpDaily(
  { dataDir, backUp, logger }: DailyBackupOptions,
  now: Date,
  maxBytes = MAX_BYTES,
): Promise<string | null> {
  const [newest] = await listBackups(dataDir);
  if (newest && now.getTime() - Date.parse(newest.manifest.made_at) < DAY_MS) return null;
  const bytes = await measureFolder(databaseFolder(dataDir));
  const { bavail, bsize } = await statfs(dataDir);
  if (bytes > maxBytes || bytes + MIN_FREE_BYTES > bavail * bsize) {
    logger.warn({ bytes }, 'no daily backup: the store is too large for one, or the disk has no room');
    return null;
  }
  const folder = join(backupsFolder(dataDir), `daily-${now.toISOString().replace(/[:.]/g, '-')}`);
  await backUp(folder);
  await prune(dataDir, now, maxBytes);
  return folder;
}

async function prune(dataDir: string, now: Date, maxBytes: number): Promise<void> {
  let bytes = 0;
  const kept = new Set<string>();
  for (const { folder, manifest } of await listBackups(dataDir)) {
    bytes += manifest.bytes;
    const isNewest = kept.size === 0;
    if (isNewest || (bytes <= maxBytes && now.getTime() - Date.parse(manifest.made_at) < KEEP_MS)) kept.add(folder);
  }
  const place = backupsFolder(dataDir);
  for (const name of await readdir(place)) {
    // One that was not finished too: only this process writes here.
    if (DAILY.test(name) && !kept.has(join(place, name))) await rm(join(place, name), { recursive: true, force: true });
  }
}

/** Backs up once a day for as long as the server runs. */
export function startDailyBackups(options: DailyBackupOptions): { stop(): void } {
  const { dataDir, logger } = options;
  let isFirst = true;
  const loop = repeat(
    async () => {
      // A start is busy enough.
      if (isFirst) {
        isFirst = false;
        return FIRST_MS;
      }
      if (existsSync(databaseFolder(dataDir))) {
        const folder = await backUpDaily(options, new Date());
        if (folder !== null) logger.info({ folder }, 'daily backup made');
      }
      return CHECK_MS;
    },
    (error) => {
      logger.warn({ err: error }, 'no daily backup was made');
      return CHECK_MS;
    },
  );
  return { stop: () => void loop.stop() };
}
