import { lstatSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { detectCaseFolding } from '../../globs/detect-case-folding.js';
import { lookUp, normalizePattern } from '../../globs/normalize-pattern.js';
import { realPath } from '../../project/find-repository.js';
import { chooseBoard, type Home } from './choose-board.js';
import { checkPathLength } from './list-ancestors.js';
import type { PlacedPattern } from './lock-types.js';
import { showPath } from './show-path.js';

/** A file where it really is, and the literal that stands for it. */
export interface PlacedFile {
  pattern: PlacedPattern;
  absolute: string;
}

/**
 * The literals that stand for a file. Folders that are links are followed; so is a file that is a link, since its target
 * would be changed: then both are returned. Empty for a file that belongs to no project.
 * @param absolute its path, which may not exist yet
 * @throws GlobError for a name that no lock can have
 */
export function placeFile(absolute: string, home: Home): PlacedFile[] {
  const named = join(realFolder(dirname(absolute)), basename(absolute));
  const isNew = lookUp(named, '') === null;
  return [...new Set([named, isNew ? named : realPath(named)])].flatMap((path): PlacedFile[] => {
    const place = chooseBoard(dirname(path), home);
    if (!place) return [];
    const { worktree } = place;
    const options = { worktree, foldsCase: detectCaseFolding(worktree), isFile: true };
    const pattern = normalizePattern(toSlashes(relative(worktree, path)), options);
    checkPathLength(worktree, pattern.literalPrefix);
    const shown = showPath(worktree, pattern.pattern, home);
    return [{ pattern: { ...pattern, ...place, shown, isNew }, absolute: path }];
  });
}

/** The real path of a folder whose last parts may not exist yet. */
export function realFolder(folder: string): string {
  const missing: string[] = [];
  for (let path = folder; ; path = dirname(path)) {
    const real = realPath(path);
    if (lstatSync(real, { throwIfNoEntry: false }) || dirname(path) === path) return join(real, ...missing.reverse());
    missing.push(basename(path));
  }
}

export function toSlashes(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}
