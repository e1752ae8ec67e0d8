import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { InstallRecord } from './install-record.js';
import type { FileChange, Target } from './install-types.js';
import { linkTarget, readEntry, writeEntry } from './link-entry.js';
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
  for (const { path, isExecutable, replacesLink = false, isOnlyRemoved = false, add } of targets) {
    if (isOnlyRemoved) continue;
    const before = read(path, replacesLink);
    try {
      const after = add(before);
      if (after !== before || (isExecutable && after !== null && !canRun(path))) {
        changes.push({ path, before, after, isExecutable, replacesLink });
      }
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
    const replacesLink = known.get(path)?.replacesLink ?? false;
    const content = read(path, replacesLink);
    if (content === null) continue;
    const entry = record.files[path];
    const after = entry && entry.after === digest(content) ? entry.before : removeQuietly(known.get(path), content);
    if (after !== content) changes.push({ path, before: content, after, isExecutable: false, replacesLink });
  }
  return changes;
}

/** Writes the changes. @returns the record with them */
export function applyAdding(changes: readonly FileChange[], record: InstallRecord): InstallRecord {
  const files = { ...record.files };
  const folders = [...record.folders];
  for (const { path, before, after, isExecutable, replacesLink } of changes) {
    if (after === null) continue;
    const known = files[path];
    const isOurs = known !== undefined && before !== null && known.after === digest(before);
    files[path] = {
      before: isOurs ? known.before : before,
      mode: isOurs ? known.mode : modeOf(path),
      after: digest(after),
    };
    folders.unshift(...makeFolder(dirname(path)));
    write(path, after, replacesLink);
    if (isExecutable && linkTarget(after) === null) chmodSync(path, 0o755);
  }
  return { files, folders: [...new Set(folders)] };
}

/** Writes the changes, and removes the folders that were made for our files and are empty now. */
export function applyRemoving(changes: readonly FileChange[], record: InstallRecord, targets: readonly Target[]): void {
  for (const { path, after, replacesLink } of changes) {
    if (after === null) rmSync(path, { force: true });
    else write(path, after, replacesLink);
    const mode = record.files[path]?.mode;
    if (after !== null && mode && linkTarget(after) === null) chmodSync(path, mode);
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

function read(path: string, replacesLink: boolean): string | null {
  return replacesLink ? readEntry(path) : readOrNull(path);
}

function write(path: string, entry: string, replacesLink: boolean): void {
  if (replacesLink) writeEntry(path, entry);
  else writeFileSync(path, entry);
}

/** A link is as what it leads to; on Windows anything can be run. */
function canRun(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return !stats?.isFile() || process.platform === 'win32' || (stats.mode & 0o111) !== 0;
}

/** @returns the folders that were made, innermost first */
function makeFolder(folder: string): string[] {
  const made: string[] = [];
  for (let missing = folder; !existsSync(missing); missing = dirname(missing)) made.push(missing);
  mkdirSync(folder, { recursive: true });
  return made;
}
