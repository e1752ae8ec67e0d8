import type { PlacedPattern } from '../coordination/locks/lock-types.js';
import { placeForServer } from '../coordination/locks/parse-patterns.js';
import type { PlacedFile } from '../coordination/locks/place-file.js';
import { placeFiles } from '../coordination/locks/place-tasks.js';
import type { Workplace } from '../project/resolve-project.js';
import type { PlaceSettler } from './settle-place.js';

type Boards = Pick<PlaceSettler, 'settleRoot'>;

/** Where the texts of a tool call lead, by the files of this machine. */
export async function placeTexts(texts: readonly string[], speaker: Workplace, boards: Boards) {
  const placed = await Promise.all(
    [...new Set(texts)].map(async (text) => {
      const placing = await placeForServer(text, speaker);
      if (!('placed' in placing)) return [text, placing] as const;
      return [
        text,
        { placed: await Promise.all(placing.placed.map((each) => knowBoard(each, speaker, boards))) },
      ] as const;
    }),
  );
  return Object.fromEntries(placed);
}

/** Where files are that a hook names. @param cwd where relative paths begin */
export async function placeNames(
  cwd: string,
  names: readonly string[],
  home: Workplace,
  boards: Boards,
): Promise<[string, PlacedFile[] | null][]> {
  const placed = await placeFiles(cwd, names, home);
  return await Promise.all(
    names.map(async (name, index): Promise<[string, PlacedFile[] | null]> => {
      const files = placed[index] ?? null;
      if (files === null) return [name, null];
      const known = files.map(async (file) => ({ ...file, pattern: await knowBoard(file.pattern, home, boards) }));
      return [name, await Promise.all(known)];
    }),
  );
}

/** A file of another repository is on the board of that one's project, as the team knows it. */
async function knowBoard(pattern: PlacedPattern, home: Workplace, boards: Boards): Promise<PlacedPattern> {
  if (pattern.board === home.id) return pattern;
  return { ...pattern, board: await boards.settleRoot(pattern.worktree) };
}
