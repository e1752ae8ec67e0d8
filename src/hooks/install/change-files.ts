import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { InstallRecord } from './install-record.js';
import type { FileChange, Target } from './install-types.js';
import { readOrNull } from './read-or-null.js';

/** A file that can't be changed, and why. */
export interface Refusal {
  path: string;
  reason: string;
}

/** What adding our parts would change; nothing is written. */
export function planAdding(targets: readonly Target[]): { changes: FileChange[]; refused: Refusal[] } {
  const changes: FileChange[] = [];
  const refused: Refusal[] = [];
  for (const { path, isExecutable, add } of targets) {
    const before = readOrNull(path);
    try {
      const after = add(before);
      if (after !== before) changes.push({ path, before, after, isExecutable });
    } catch (error) {
      refused.push({ path, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { changes, refused };
}

/** What taking our parts out would change: a file that has not been changed since gets back its content from before. */
export function planRemoving(targets: readonly Target[], record: InstallRecord): FileChange[] {
  const known = new Map(targets.map((target) => [target.path, target]));
  const changes: FileChange[] = [];
  for (const path of new Set([...Object.keys(record.files), ...known.keys()])) {
    const content = readOrNull(path);
    if (content === null) continue;
    const entry = record.files[path];
    const after = entry && entry.after === digest(content) ? entry.before : removeQuietly(known.get(path), content);
    if (after !== content) changes.push({ path, before: content, after, isExecutable: false });
  }
  return changes;
}

/** Writes the changes. @returns the record with them */
export function applyAdding(changes: readonly FileChange[], record: InstallRecord): InstallRecord {
  const files = { ...record.files };
  const folders = [...record.folders];
  for (const { path, before, after, isExecutable } of changes) {
    if (after === null) continue;
    const known = files[path];
    const isOurs = known !== undefined && before !== null && known.after === digest(before);
    files[path] = {
      before: isOurs ? known.before : before,
      mode: isOurs ? known.mode : modeOf(path),
      after: digest(after),
    };
    folders.unshift(...makeFolder(dirname(path)));
    writeFileSync(path, after);
    if (isExecutable) chmodSync(path, 0o755);
  }
  return { files, folders: [...new Set(folders)] };
}

/** Writes the changes, and removes the folders that were made for our files and are empty now. */
export function applyRemoving(changes: readonly FileChange[], record: InstallRecord, targets: readonly Target[]): void {
  for (const { path, after } of changes) {
    if (after === null) rmSync(path, { force: true });
    else writeFileSync(path, after);
    const mode = record.files[path]?.mode;
    if (after !== null && mode) chmodSync(path, mode);
  }
  for (const folder of [...record.folders, ...guessFolders(changes, record, targets)]) {
    try {
      rmdirSync(folder);
    } catch {
      // Other files are in it, or it is gone.
    }
  }
}

/**
 * Folders of deleted files that the record does not know: it lies in the data folder, which may have been another one at
 * the time, or was emptied since. A folder that holds nothing but clients' settings is of no use when it is empty.
 */
function guessFolders(
  changes: readonly FileChange[],
  record: InstallRecord,
  targets: readonly Target[],
): readonly string[] {
  const deleted = new Set(
    changes.filter(({ path, after }) => after === null && !record.files[path]).map(({ path }) => path),
  );
  const folders = targets.filter(({ path }) => deleted.has(path)).flatMap((target) => target.folders ?? []);
  return [...new Set(folders)].sort((a, b) => b.length - a.length);
}

function removeQuietly(target: Target | undefined, content: string): string | null {
  try {
    return target ? target.remove(content) : content;
  } catch {
    // It can't be read as what it should be: left alone, as when adding.
    return content;
  }
}

function digest(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

function modeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.mode ?? null;
}

/** @returns the folders that were made, innermost first */
function makeFolder(folder: string): string[] {
  const made: string[] = [];
  for (let missing = folder; !existsSync(missing); missing = dirname(missing)) made.push(missing);
  mkdirSync(folder, { recursive: true });
  return made;
}
