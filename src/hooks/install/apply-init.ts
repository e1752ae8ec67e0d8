import { findGitFolders } from '../guards/git-folders.js';
import { applyAdding, applyRemoving, planRemoving, type Refusal } from './change-files.js';
import { findMachineRecord, type InstallRecord, readRecord, writeRecord } from './install-record.js';
import type { FileChange, Target } from './install-types.js';
import { type AllowedFolders, resolveTarget } from './resolve-target.js';
import { findSharedRecord, joinShared, leaveShared, listOthers, readSharedRecord } from './shared-record.js';

/** Where init notes what it found: of the worktree's own files, and of those that the repository's worktrees share. */
export interface InitRecords {
  /** The record of this worktree, or of the user's home. */
  path: string;
  worktree: string;
  /** Null outside a repository, and for the user's home. */
  sharedPath: string | null;
}

/** @param path of the worktree's own record */
export function openRecords(path: string, worktree: string): InitRecords {
  const folders = findGitFolders(worktree);
  const sharedPath = folders && findSharedRecord(folders.common);
  return {
    path,
    worktree,
    sharedPath: sharedPath && folders && isWithin(sharedPath, folders.common) ? sharedPath : null,
  };
}

/** A link may lead out of git's folder. */
function isWithin(path: string, folder: string): boolean {
  try {
    return resolveTarget(path, [[folder]], false).real !== '';
  } catch {
    return false;
  }
}

/** What taking our parts out would change. What other worktrees still want stays, and these are named. */
export function planUndo(
  targets: readonly Target[],
  records: InitRecords,
  allowed: AllowedFolders,
): { changes: FileChange[]; refused: Refusal[]; keptFor: string[] } {
  const { worktree, sharedPath } = records;
  const keptFor = sharedPath === null ? [] : listOthers(sharedPath, worktree);
  const shared = new Set(targets.filter(({ isShared }) => isShared).map((target) => target.path));
  const { changes, refused } = planRemoving(targets, readAllRecords(records), allowed);
  if (keptFor.length === 0) return { changes, refused, keptFor };
  const kept = new Set([...shared, ...Object.keys(sharedPath === null ? {} : readSharedRecord(sharedPath).files)]);
  const own = changes.filter((change) => !kept.has(change.path));
  return { changes: own, refused, keptFor: own.length < changes.length ? keptFor : [] };
}

/** Takes our parts out, and forgets what was noted. */
export function applyUndo(changes: readonly FileChange[], records: InitRecords, targets: readonly Target[]): void {
  applyRemoving(changes, readAllRecords(records), targets);
  writeRecord(records.path, null);
  if (records.sharedPath !== null) leaveShared(records.sharedPath, records.worktree);
}

/** Writes the changes, and notes what was there before. Also without changes the worktree wants the shared files. */
export function applyInit(changes: readonly FileChange[], records: InitRecords, targets: readonly Target[]): void {
  const isShared = new Set(targets.filter((target) => target.isShared).map((target) => target.path));
  const isOfMachine = new Set(targets.filter((target) => target.isOfMachine).map((target) => target.path));
  const machinePath = findMachineRecord(records.path);
  const ofMachine = changes.filter(({ path }) => isOfMachine.has(path));
  if (ofMachine.length > 0) {
    const { folders } = applyAdding(ofMachine, readRecord(machinePath));
    writeRecord(machinePath, { files: {}, folders });
  }
  const own = changes.filter(({ path }) => !isShared.has(path) && !isOfMachine.has(path));
  if (own.length > 0) writeRecord(records.path, applyAdding(own, readRecord(records.path)));
  if (records.sharedPath === null || isShared.size === 0) return;
  const shared = changes.filter(({ path }) => isShared.has(path));
  joinShared(records.sharedPath, applyAdding(shared, readSharedRecord(records.sharedPath)), records.worktree);
}

/** What is recorded of the files of a worktree, and of those that it shares. */
export function readAllRecords({ path, sharedPath }: InitRecords): InstallRecord {
  const own = readRecord(path);
  if (sharedPath === null) return own;
  const shared = readSharedRecord(sharedPath);
  return { files: { ...own.files, ...shared.files }, folders: [...own.folders, ...shared.folders] };
}
