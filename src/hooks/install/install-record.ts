import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface RecordedFile {
  /** The content; null where there was no file. */
  before: string | null;
  mode: number | null;
  /** SHA-256 of the content before. Records of older versions have none. */
  hash?: string | null;
  /** The same of what init wrote. */
  after: string;
}

/** What init found before it wrote: restored byte for byte, as long as the file has not been changed since. */
export interface InstallRecord {
  /** By path. */
  files: Record<string, RecordedFile>;
  /** Folders that init made, innermost first. */
  folders: string[];
}

/** SHA-256 of a file's text. */
export function digest(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Where the record of a worktree is kept. */
export function findRecord(dataDir: string, worktree: string): string {
  const name = createHash('sha256').update(worktree).digest('hex').slice(0, 16);
  return join(dataDir, 'init', `${name}.json`);
}

/** Where the folders are noted that init made for what serves all projects of the user. @param path of any record */
export function findMachineRecord(path: string): string {
  return join(dirname(path), 'machine.json');
}

/** Whether init has written files of other projects, or of the user, that are not taken out. @param path of the own record */
export function hasOtherRecords(path: string): boolean {
  const own = [path, findMachineRecord(path)];
  try {
    return readdirSync(dirname(path)).some((name) => !own.includes(join(dirname(path), name)));
  } catch {
    return false;
  }
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
