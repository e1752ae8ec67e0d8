import { lstatSync, opendirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** A folder may have millions of entries; the first one with a letter tells. */
const MAX_ENTRIES = 1_000;

const known = new Map<string, boolean>();

/**
 * Does the file system at the worktree take `README` and `readme` for one file? Told from the entries that exist there;
 * nothing is written. Looked up once per worktree.
 */
export function detectCaseFolding(worktree: string): boolean {
  const found = known.get(worktree);
  if (found !== undefined) return found;
  const folds = lookAtEntries(worktree) ?? lookAtItself(worktree) ?? isUsualOnPlatform();
  known.set(worktree, folds);
  return folds;
}

/** Null when no entry's name tells, or the folder can't be read. */
function lookAtEntries(folder: string): boolean | null {
  try {
    const entries = opendirSync(folder);
    try {
      for (let looked = 0; looked < MAX_ENTRIES; looked += 1) {
        const entry = entries.readSync();
        if (!entry) break;
        const found = compareNames(folder, entry.name);
        if (found !== null) return found;
      }
    } finally {
      entries.closeSync();
    }
  } catch {
    // Unreadable: the folder itself may tell.
  }
  return null;
}

/** Null where the name has no letters, or may stand there twice: as two links to one file. */
function compareNames(folder: string, name: string): boolean | null {
  const other = swapCase(name);
  if (other === name) return null;
  const stats = lstatSync(join(folder, name), { throwIfNoEntry: false });
  if (!stats || (!stats.isDirectory() && stats.nlink > 1)) return null;
  return isSameEntry(join(folder, name), join(folder, other));
}

/** Its parent may be on another file system: second best. */
function lookAtItself(folder: string): boolean | null {
  const other = swapCase(basename(folder));
  if (other === basename(folder)) return null;
  return isSameEntry(folder, join(dirname(folder), other));
}

function isSameEntry(path: string, other: string): boolean {
  const a = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  const b = lstatSync(other, { bigint: true, throwIfNoEntry: false });
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev;
}

function isUsualOnPlatform(): boolean {
  return process.platform === 'darwin' || process.platform === 'win32';
}

/** ASCII letters only: how others fold differs between file systems. */
function swapCase(name: string): string {
  return name.replace(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
}
