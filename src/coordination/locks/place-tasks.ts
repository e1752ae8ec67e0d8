import { isAbsolute, resolve } from 'node:path';
import { defineFileTask, placeOfPath } from '../../files/file-task.js';
import { runFileTask } from '../../files/run-file-task.js';
import { checkPatternText } from '../../globs/check-pattern-text.js';
import { detectCaseFolding } from '../../globs/detect-case-folding.js';
import { GlobError } from '../../globs/glob-error.js';
import { lookUp, normalizePattern } from '../../globs/normalize-pattern.js';
import type { Pattern } from '../../globs/pattern-types.js';
import type { Workplace } from '../../project/resolve-project.js';
import type { Home } from './choose-board.js';
import type { PlacedPattern } from './lock-types.js';
import { type PlacedFile, placeFile } from './place-file.js';
import { placePattern } from './place-pattern.js';
import { understandPath } from './understand-path.js';

/** What a thread finds out of a text: a GlobError does not keep its class on the way. */
export type Placing = { placed: PlacedPattern[] } | { problem: string; fix: string };

/** Files that one task places: each takes about a tenth of a millisecond. */
const FILES_A_TASK = 500;

export const placeTextTask = defineFileTask(
  'place-text',
  (folder, text: string, speaker: Workplace): Placing =>
    attempt(() => {
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
    }),
  { placeOf: placeOfPath },
);

export const placePatternTask = defineFileTask(
  'place-pattern',
  (_folder, text: string, speaker: Workplace): Placing => attempt(() => placePattern(text, speaker)),
  { placeOf: placeOfPath },
);

export const placeFilesTask = defineFileTask(
  'place-files',
  (folder, paths: readonly string[], home: Home) =>
    paths.map((path): PlacedFile[] | null => {
      try {
        return placeFile(resolve(folder, path), home);
      } catch (error) {
        // The top folder of a worktree is no file; what else fails is what the system takes for no path.
        return error instanceof GlobError ? [] : null;
      }
    }),
  { placeOf: (folder: string, [path = '']: readonly string[]) => placeOfPath(folder, path) },
);

/** A pattern that was changed, in the form in which it is stored. */
export const normalizeTask = defineFileTask(
  'normalize-pattern',
  (worktree, pattern: string): Pattern =>
    normalizePattern(pattern, { worktree, foldsCase: detectCaseFolding(worktree) }),
  { placeOf: placeOfPath },
);

/**
 * A path or glob of an agent on another machine, of which no process there has told where it leads: as it is written, from the
 * top of the project. No file is looked at.
 */
export const placeWrittenTask = defineFileTask(
  'place-written',
  (_folder, text: string, { id, root, worktree }: Workplace): Placing =>
    attempt(() => {
      checkPatternText(text);
      if (isAbsolute(text) || /^(?:[a-z]:|~)/i.test(text))
        throw new GlobError('is no path within the project', FROM_TOP);
      return understandPath(text, () => null).map((path): PlacedPattern => {
        const pattern = normalizePattern(path, { worktree, foldsCase: false, exists: () => null });
        return { ...pattern, board: id, root, worktree, shown: pattern.pattern, isNew: false };
      });
    }),
);

const FROM_TOP = 'Give the path from the top of the repository, such as src/app.ts.';

function attempt(place: () => PlacedPattern[]): Placing {
  try {
    return { placed: place() };
  } catch (error) {
    if (!(error instanceof GlobError)) throw error;
    const { problem, fix } = error;
    return { problem, fix };
  }
}

/** @throws GlobError */
export function placedOf(placing: Placing): PlacedPattern[] {
  if ('placed' in placing) return placing.placed;
  throw new GlobError(placing.problem, placing.fix);
}

/**
 * The literals that stand for each of these files, as lock tools place them: none for a file that belongs to no project; null
 * for what the system takes for no path.
 * @param folder where relative paths begin
 * @throws AppError `timeout`
 */
export async function placeFiles(
  folder: string,
  paths: readonly string[],
  home: Home,
): Promise<(PlacedFile[] | null)[]> {
  const { id, root, worktree, isKnown, isNamed, records } = home;
  const own = { id, root, worktree, isKnown, isNamed, records };
  const placed: (PlacedFile[] | null)[] = [];
  for (let at = 0; at < paths.length; at += FILES_A_TASK) {
    placed.push(...(await runFileTask(placeFilesTask, folder, paths.slice(at, at + FILES_A_TASK), own)));
  }
  return placed;
}
