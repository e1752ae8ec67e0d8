import { lstatSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { detectCaseFolding } from '../../globs/detect-case-folding.js';
import type { GlobFault } from '../../globs/glob-error.js';
import { lookUp, nameFile } from '../../globs/normalize-pattern.js';
import { realPath } from '../../project/find-repository.js';
import { chooseBoard, type Home } from './choose-board.js';
import { findLengthFault } from './list-ancestors.js';
import type { PlacedPattern } from './lock-types.js';
import { showPath } from './show-path.js';

/** A file where it really is, and the literal that stands for it. */
export interface PlacedFile {
  pattern: PlacedPattern;
  absolute: string;
  /** Why no lock can have this name; null where one can. */
  fault: GlobFault | null;
}

/**
 * The literals that stand for a file. Folders that are links are followed; so is a file that is a link, since its target
 * would be changed: then both are returned. Empty for a file that belongs to no project.
 * @param written its absolute path, which may not exist yet
 * @throws GlobError for the top folder of a worktree
 */
export function placeFile(written: string, home: Home): PlacedFile[] {
  const absolute = spellHome(written, home);
  const named = join(realFolder(dirname(absolute)), basename(absolute));
  const isNew = lookUp(named, '') === null;
  return [...new Set([named, isNew ? named : realPath(named)])].flatMap((path): PlacedFile[] => {
    const place = chooseBoard(dirname(path), home);
    if (!place) return [];
    const { worktree } = place;
    const options = { worktree, foldsCase: detectCaseFolding(worktree) };
    const { pattern, fault } = nameFile(toSlashes(relative(worktree, path)), options);
    const shown = showPath(worktree, pattern.pattern, home);
    return [
      {
        pattern: { ...pattern, ...place, shown, isNew },
        absolute: path,
        fault: fault ?? findLengthFault(worktree, pattern.literalPrefix),
      },
    ];
  });
}

/**
 * A path into the speaker's worktree, written with that one's own letters: where the file system ignores their case, another
 * spelling leads there too.
 */
function spellHome(path: string, { worktree }: Home): string {
  const lead = path.slice(0, worktree.length);
  if (lead === worktree || lead.toLowerCase() !== worktree.toLowerCase()) return path;
  const [one, other] = [lead, worktree].map((folder) => lstatSync(folder, { bigint: true, throwIfNoEntry: false }));
  const isSame = one !== undefined && one.ino === other?.ino && one.dev === other.dev;
  return isSame ? worktree + path.slice(worktree.length) : path;
}

/** The real path of a folder whose last parts may not exist yet. */
export function realFolder(folder: string): string {
  const missing: string[] = [];
  for (let path = folder; ; path = dirname(path)) {
    const real = realPath(path);
    if (isThere(real) || dirname(path) === path) return join(real, ...missing.reverse());
    missing.push(basename(path));
  }
}

/** A name that is too long for the system is not there. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENAMETOOLONG') return false;
    throw error;
  }
}

export function toSlashes(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}
