import { chmodSync, existsSync, lstatSync, mkdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { digest, type InstallRecord } from './install-record.js';
import type { FileChange, Target } from './install-types.js';
import { linkTarget, readEntry, writeEntry, writeText } from './link-entry.js';
import { type AllowedFolders, hasOtherName, type ResolvedTarget, readTarget, resolveTarget } from './resolve-target.js';

/** A file that can't be changed, and why. */
export interface Refusal {
  path: string;
  reason: string;
  /** What a person would add to it. */
  paste?: string;
}

/** What adding our parts would change; nothing is written. */
export function planAdding(
  targets: readonly Target[],
  allowed: AllowedFolders,
): { changes: FileChange[]; refused: Refusal[] } {
  const changes: FileChange[] = [];
  const refused: Refusal[] = [];
  const planned = new Map<string, string | null>();
  for (const { path, isExecutable, replacesLink = false, isOnlyRemoved = false, paste, add } of targets) {
    if (isOnlyRemoved) continue;
    try {
      const resolved = resolveTarget(path, allowed, replacesLink);
      const { real } = resolved;
      // Several names may lead to one file.
      const before = planned.get(real) ?? read(real, replacesLink);
      const after = add(before);
      if (after === before && (!isExecutable || canRun(real))) continue;
      planned.set(real, after);
      changes.push({ path, before, after, isExecutable, replacesLink, ...describePlace(path, resolved) });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      refused.push({ path, reason, ...(paste !== undefined && { paste }) });
    }
  }
  return { changes, refused };
}

/** What taking our parts out would change: a file that has not been changed since gets back its content from before. */
export function planRemoving(
  targets: readonly Target[],
  record: InstallRecord,
  allowed: AllowedFolders,
): { changes: FileChange[]; refused: Refusal[] } {
  const known = new Map(targets.map((target) => [target.path, target]));
  const changes: FileChange[] = [];
  const refused: Refusal[] = [];
  const planned = new Set<string>();
  for (const path of new Set([...Object.keys(record.files), ...known.keys()])) {
    const replacesLink = known.get(path)?.replacesLink ?? false;
    try {
      const resolved = resolveTarget(path, allowed, replacesLink);
      if (planned.has(resolved.real)) continue;
      const content = read(resolved.real, replacesLink);
      if (content === null) continue;
      const entry = record.files[path];
      const after = entry && entry.after === digest(content) ? entry.before : removeQuietly(known.get(path), content);
      if (after === content) continue;
      planned.add(resolved.real);
      const place = describePlace(path, resolved);
      changes.push({ path, before: content, after, isExecutable: false, replacesLink, ...place });
    } catch (error) {
      // Where init has never written nothing is to be taken out.
      if (!record.files[path]) continue;
      refused.push({ path, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { changes, refused };
}

function describePlace(path: string, { real, isLinked }: ResolvedTarget): Pick<FileChange, 'real' | 'note'> {
  if (hasOtherName(real)) {
    return {
      real,
      note: `${path} has another name (a hard link), which stays as it is: the two are two files from now on.`,
    };
  }
  return isLinked ? { real, note: `${path} is behind a link: ${real} is changed.` } : { real };
}

/** Writes the changes. @returns the record with them */
export function applyAdding(changes: readonly FileChange[], record: InstallRecord): InstallRecord {
  const files = { ...record.files };
  const folders = [...record.folders];
  for (const { path, real, before, after, isExecutable, replacesLink } of changes) {
    if (after === null) continue;
    const known = files[path];
    const isOurs = known !== undefined && before !== null && known.after === digest(before);
    const found = isOurs ? known.before : before;
    files[path] = {
      before: found,
      mode: isOurs ? known.mode : modeOf(real),
      hash: found === null ? null : digest(found),
      after: digest(after),
    };
    folders.unshift(...makeFolder(dirname(real)));
    write(real, after, replacesLink);
    if (isExecutable && linkTarget(after) === null) chmodSync(real, 0o755);
  }
  return { files, folders: [...new Set(folders)] };
}

/** Writes the changes, and removes the folders that were made for our files and are empty now. */
export function applyRemoving(changes: readonly FileChange[], record: InstallRecord, targets: readonly Target[]): void {
  for (const { path, real, after, replacesLink } of changes) {
    if (after === null) rmSync(real, { force: true });
    else write(real, after, replacesLink);
    const mode = record.files[path]?.mode;
    if (after !== null && mode && linkTarget(after) === null) chmodSync(real, mode);
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

function modeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.mode ?? null;
}

function read(real: string, replacesLink: boolean): string | null {
  const isLink = replacesLink && lstatSync(real, { throwIfNoEntry: false })?.isSymbolicLink();
  return isLink ? readEntry(real) : readTarget(real);
}

function write(real: string, entry: string, replacesLink: boolean): void {
  if (replacesLink) writeEntry(real, entry);
  else writeText(real, entry);
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
