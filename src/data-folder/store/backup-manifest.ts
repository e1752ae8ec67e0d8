import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

// A backup is a folder: the database's files as a crash would leave them, and a manifest that is written last.

/** What a backup says of itself. */
export interface BackupManifest {
  format: 'popstash-backup';
  format_version: 1;
  /** ISO time. */
  made_at: string;
  /** Version of PopStash that made it. */
  popstash: string;
  /** Names of the migrations that the database has. */
  migrations: string[];
  bytes: number;
}

const FILE = 'backup.json';

/** The database within a backup. */
export function backedUpDatabase(folder: string): string {
  return join(folder, 'database');
}

/** Makes a folder a backup. */
export async function writeManifest(folder: string, manifest: BackupManifest): Promise<void> {
  await writeFile(join(folder, FILE), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
}

/** @returns null for a folder that is no backup, or half of one */
export async function readManifest(folder: string): Promise<BackupManifest | null> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, FILE), 'utf8')) as BackupManifest;
    return manifest.format === 'popstash-backup' && Array.isArray(manifest.migrations) ? manifest : null;
  } catch {
    return null;
  }
}
