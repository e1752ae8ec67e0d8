import { resolve } from 'node:path';
import { defineFileTask } from '../../files/file-task.js';
import { runFileTask } from '../../files/run-file-task.js';
import { checkPatternText } from '../../globs/check-pattern-text.js';
import { detectCaseFolding } from '../../globs/detect-case-folding.js';
import { GlobError } from '../../globs/glob-error.js';
import { lookUp, normalizePattern } from '../../globs/normalize-pattern.js';
import type { Workplace } from '../../project/resolve-project.js';
import { maskPattern } from '../../text/mask-secrets.js';
import type { Home } from './choose-board.js';
import type { PlacedPattern } from './lock-types.js';
import { type PlacedFile, placeFile } from './place-file.js';
import { placePattern } from './place-pattern.js';
import { understandPath } from './understand-path.js';

/** What a thread finds out of a text: a GlobError does not keep its class on the way. */
type Placing = { placed: PlacedPattern[] } | { problem: string; fix: string };

/** A file that a hook names; `masked`: as others may read of it. */
export type MaskedFile = PlacedFile & { masked: PlacedPattern };

/** Files that one task places: each takes about a tenth of a millisecond. */
const FILES_A_TASK = 500;

export const placeTextTask = defineFileTask('place-text', (folder, text: string, speaker: Workplace): Placing => {
  return attempt(() => {
    checkPatternText(text);
    const known = new Map<string, 'file' | 'folder' | null>();
    const exists = (path: string) => {
      const before = known.get(path);
      if (before !== undefined) return before;
      const found = lookUp(resolve(folder, path), '');
      known.set(path, found);
      return found;
    };
    return understandPath(text, exists).flatMap((path) => placePattern(path, speaker));
  });
});

export const placePatternTask = defineFileTask(
  'place-pattern',
  (_folder, text: string, speaker: Workplace): Placing => {
    return attempt(() => placePattern(text, speaker));
  },
);

export const placeFilesTask = defineFileTask('place-files', (folder, paths: readonly string[], home: Home) => {
  return paths.map((path): MaskedFile[] => {
    try {
      const files = placeFile(resolve(folder, path), home);
      return files.map((file) => ({ ...file, masked: maskPlaced(file.pattern) }));
    } catch (error) {
      if (error instanceof GlobError) return [];
      throw error;
    }
  });
});

function attempt(place: () => PlacedPattern[]): Placing {
  try {
    return { placed: place().map(maskPlaced) };
  } catch (error) {
    if (!(error instanceof GlobError)) throw error;
    const { problem, fix } = error;
    return { problem, fix };
  }
}

/**
 * The pattern as it may be stored: what looks like a secret in a name is a star, so that the file is still protected.
 * Most patterns come back as they are.
 */
function maskPlaced(placed: PlacedPattern): PlacedPattern {
  const masked = maskPattern(placed.pattern);
  if (masked === placed.pattern) return placed;
  const options = { worktree: placed.worktree, foldsCase: detectCaseFolding(placed.worktree) };
  return { ...placed, ...normalizePattern(masked, options), shown: maskPattern(placed.shown), isNew: false };
}

/** @throws GlobError */
export function placedOf(placing: Placing): PlacedPattern[] {
  if ('placed' in placing) return placing.placed;
  throw new GlobError(placing.problem, placing.fix);
}

/**
 * The literals that stand for each of these files, as lock tools place them: none for a file that belongs to no project, or
 * whose name no lock can have.
 * @param folder where relative paths begin
 * @throws AppError `timeout`
 */
export async function placeFiles(folder: string, paths: readonly string[], home: Home): Promise<MaskedFile[][]> {
  const { id, root, worktree, isKnown, isNamed, records } = home;
  const own = { id, root, worktree, isKnown, isNamed, records };
  const placed: MaskedFile[][] = [];
  for (let at = 0; at < paths.length; at += FILES_A_TASK) {
    placed.push(...(await runFileTask(placeFilesTask, folder, paths.slice(at, at + FILES_A_TASK), own)));
  }
  return placed;
}
