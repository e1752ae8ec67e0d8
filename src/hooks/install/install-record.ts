import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What init found before it wrote: restored byte for byte, as long as the file has not been changed since. */
export interface InstallRecord {
  /** By path: the content and mode before, and the SHA-256 of what init wrote. */
  files: Record<string, { before: string | null; mode: number | null; after: string }>;
  /** Folders that init made, innermost first. */
  folders: string[];
}

/** Where the record of a worktree is kept. */
export function findRecord(dataDir: string, worktree: string): string {
  const name = createHash('sha256').update(worktree).digest('hex').slice(0, 16);
  return join(dataDir, 'init', `${name}.json`);
}

/** The record; an empty one when there is none. */
export function readRecord(path: string): InstallRecord {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as InstallRecord;
  } catch {
    return { files: {}, folders: [] };
  }
}

/** @param record null removes it */
export function writeRecord(path: string, record: InstallRecord | null): void {
  if (record === null) {
    rmSync(path, { force: true });
    return;
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, `${JSON.stringify(record)}\n`, { mode: 0o600 });
}
