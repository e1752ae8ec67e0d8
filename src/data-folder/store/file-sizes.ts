import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceRecord } from './replace-record.js';

// Sizes of the store's files at a moment when all of them were on the disk. Tables never get smaller in place, since the
// embedded database vacuums without truncating, so a file that is smaller later has lost something.

/** Below the database folder; PostgreSQL does not look at it. */
const RECORD = 'popstash-files.json';

interface SizeRecord {
  /** Recorded when the database had been closed; else right after a checkpoint. */
  isClosed: boolean;
  /** Of pg_control, which every opening changes: while it is the same, nothing has opened the folder since. */
  control: string;
  /** Sizes in bytes by path below the folder. */
  sizes: Record<string, number>;
}

/** Tables and indexes, their parts above 1 GB included; maps of free space are made again when they are missing. */
const TABLE = /^(base\/\d+|global)\/\d+(\.\d+)?$/;
/** What else must be as it was when the folder was closed. */
const CLOSED = /^(pg_xact\/|pg_multixact\/|pg_wal\/[0-9A-F]{24}$)/;

/** Records the sizes as they are. @param state of the database: both mean that all of it is on the disk */
export async function recordSizes(folder: string, state: 'after a checkpoint' | 'closed'): Promise<void> {
  const sizes: Record<string, number> = {};
  for (const path of await listFiles(folder)) {
    if (TABLE.test(path) || CLOSED.test(path)) sizes[path] = (await stat(join(folder, path))).size;
  }
  const record: SizeRecord = { isClosed: state === 'closed', control: await hashControl(folder), sizes };
  await replaceRecord(join(folder, RECORD), JSON.stringify(record));
}

export interface LostBytes {
  /** Below the database folder. */
  path: string;
  /** In words. */
  what: string;
}

/**
 * Files that are missing or smaller than recorded.
 * @returns `certain`: the folder was closed and nothing has opened it since. Otherwise a file may rightly be gone: a table
 * may have been dropped since.
 */
export async function findLostBytes(folder: string): Promise<{ lost: LostBytes[]; isCertain: boolean }> {
  const record = await readRecord(folder);
  if (!record) return { lost: [], isCertain: false };
  const isCertain = record.isClosed && record.control === (await hashControl(folder));
  const lost: LostBytes[] = [];
  for (const [path, size] of Object.entries(record.sizes)) {
    if (!isCertain && !TABLE.test(path)) continue;
    const found = await stat(join(folder, path)).catch(() => null);
    if (!found) lost.push({ path, what: `${path} is missing` });
    else if (found.size < size) lost.push({ path, what: `${path} has ${found.size} of ${size} bytes` });
  }
  return { lost, isCertain };
}

async function readRecord(folder: string): Promise<SizeRecord | null> {
  try {
    return JSON.parse(await readFile(join(folder, RECORD), 'utf8')) as SizeRecord;
  } catch {
    return null;
  }
}

async function listFiles(folder: string): Promise<string[]> {
  const places = ['global', 'pg_xact', 'pg_multixact/offsets', 'pg_multixact/members', 'pg_wal'];
  for (const name of await readdir(join(folder, 'base'))) places.push(`base/${name}`);
  const lists = await Promise.all(
    places.map(async (place) => (await readdir(join(folder, place)).catch(() => [])).map((name) => `${place}/${name}`)),
  );
  return lists.flat();
}

async function hashControl(folder: string): Promise<string> {
  const bytes = await readFile(join(folder, 'global', 'pg_control')).catch(() => 'none');
  return createHash('sha256').update(bytes).digest('hex');
}
