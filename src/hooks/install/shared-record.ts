import { existsSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OWN_FOLDER } from '../guards/guard-names.js';
import { type InstallRecord, readRecord, writeRecord } from './install-record.js';

/** What init found in files that all worktrees of a repository share, and the worktrees that want them. */
export interface SharedRecord extends InstallRecord {
  /** Top folders of worktrees that init was run in. */
  worktrees: string[];
}

/** Where it is kept. @param common the folder of git that all worktrees share */
export function findSharedRecord(common: string): string {
  return join(common, OWN_FOLDER, 'record.json');
}

/** The record; an empty one when there is none. */
export function readSharedRecord(path: string): SharedRecord {
  return { worktrees: [], ...readRecord(path) };
}

/** Notes that a worktree wants the shared files. */
export function joinShared(path: string, record: InstallRecord, worktree: string): void {
  const worktrees = [...new Set([...readSharedRecord(path).worktrees, worktree])];
  writeRecord(path, { ...record, worktrees } as SharedRecord);
}

/** Notes that a worktree does not want them any more; without any that does, the record is removed. */
export function leaveShared(path: string, worktree: string): void {
  const others = listOthers(path, worktree);
  const record: SharedRecord | null = others.length === 0 ? null : { ...readSharedRecord(path), worktrees: others };
  writeRecord(path, record);
  if (record !== null) return;
  try {
    rmdirSync(dirname(path));
  } catch {
    // Other files are in it, or it is gone.
  }
}

/** Other worktrees that want the shared files and that still exist. */
export function listOthers(path: string, worktree: string): string[] {
  return readSharedRecord(path).worktrees.filter((each) => each !== worktree && existsSync(join(each, '.git')));
}
