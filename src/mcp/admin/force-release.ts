import { filterInTurns } from '../../async/yield-to-event-loop.js';
import { patternCovers, patternsOverlap } from '../../globs/compare-patterns.js';
import { detectCaseFolding } from '../../globs/detect-case-folding.js';
import type { Pattern } from '../../globs/pattern-types.js';
import type { Project } from '../../project/resolve-project.js';
import { readPattern } from '../schemas/read-pattern.js';
import type { Services } from '../services.js';

export interface ReleaseAnswer {
  released: { pattern: string; agentId: string }[];
  /** Arguments within which nothing is held, with what is held beyond them: that stays. */
  notHeld: { pattern: string; overlapping: { pattern: string; agentId: string }[] }[];
}

/**
 * Takes the locks within these paths and globs from whoever holds them. A path that nobody holds is taken for a folder:
 * `docs` means `docs/**` also where no such folder exists yet.
 * @throws AppError `invalid_argument` naming the pattern
 */
export async function forceRelease(
  { locks }: Services,
  project: Project,
  { patterns, by, reason }: { patterns: readonly string[]; by: string; reason: string },
): Promise<ReleaseAnswer> {
  const { worktree } = project;
  const options = { worktree, foldsCase: detectCaseFolding(worktree) };
  const { locks: live } = await locks.list(project.id);
  const within = (pattern: Pattern) => filterInTurns(live, (lock) => patternCovers(pattern, lock));
  const meant: Pattern[] = [];
  const missed: Pattern[] = [];
  for (const text of patterns) {
    const pattern = readPattern(text, options);
    const isHeld = (await within(pattern)).length > 0;
    const folder = isHeld || pattern.isGlob ? pattern : readPattern(`${text}/`, options);
    if (isHeld || (await within(folder)).length > 0) meant.push(folder);
    else missed.push(pattern);
  }
  const released = await locks.forceRelease(project.id, meant, by, reason);
  const left = live.filter(({ id }) => !released.some((ended) => ended.id === id));
  const notHeld: ReleaseAnswer['notHeld'] = [];
  for (const pattern of missed) {
    const overlapping = await filterInTurns(left, (lock) => patternsOverlap(lock, pattern));
    notHeld.push({
      pattern: pattern.pattern,
      overlapping: overlapping.map((lock) => ({ pattern: lock.pattern, agentId: lock.agentId })),
    });
  }
  return { released, notHeld };
}
