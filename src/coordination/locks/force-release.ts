import { filterWithYields } from '../../async/yield-to-event-loop.js';
import { patternCovers, patternsOverlap } from '../../globs/compare-patterns.js';
import { detectCaseFolding } from '../../globs/detect-case-folding.js';
import type { Pattern } from '../../globs/pattern-types.js';
import type { Project } from '../../project/resolve-project.js';
import type { LiveLock } from './lock-types.js';
import type { LocksService } from './locks-service.js';
import { readPattern } from './read-pattern.js';

export interface ForcedRelease {
  released: { pattern: string; agentId: string }[];
  /** Arguments within which nothing is held, each with the held patterns that only overlap with it: those stay. */
  notHeld: { pattern: string; overlapping: { pattern: string; agentId: string }[] }[];
}

/**
 * Takes the locks within these paths and globs from the agents that hold them. A path that nobody holds is read as a
 * folder: `docs` means `docs/**` also where no such folder exists yet.
 * @param by the person, for the holders to read
 * @throws AppError `invalid_argument` naming the pattern
 */
export async function forceRelease(
  locks: Pick<LocksService, 'list' | 'forceRelease'>,
  project: Project,
  { patterns, by, reason }: { patterns: readonly string[]; by: string; reason: string },
): Promise<ForcedRelease> {
  const { locks: live } = await locks.list(project.id);
  const { held, missed } = await resolveArguments(patterns, project.worktree, live);
  const released = await locks.forceRelease(project.id, held, by, reason);
  const remaining = live.filter(({ id }) => !released.some((ended) => ended.id === id));
  const notHeld: ForcedRelease['notHeld'] = [];
  for (const pattern of missed) {
    const overlapping = await filterWithYields(remaining, (lock) => patternsOverlap(lock, pattern));
    notHeld.push({ pattern: pattern.pattern, overlapping: overlapping.map(describeHolder) });
  }
  return { released: released.map(describeHolder), notHeld };
}

/** @returns the patterns within which something is held, and the others */
async function resolveArguments(
  texts: readonly string[],
  worktree: string,
  live: readonly LiveLock[],
): Promise<{ held: Pattern[]; missed: Pattern[] }> {
  const options = { worktree, foldsCase: detectCaseFolding(worktree) };
  const isHeld = async (pattern: Pattern) =>
    (await filterWithYields(live, (lock) => patternCovers(pattern, lock))).length > 0;
  const held: Pattern[] = [];
  const missed: Pattern[] = [];
  for (const text of texts) {
    const pattern = readPattern(text, options);
    if (await isHeld(pattern)) {
      held.push(pattern);
      continue;
    }
    const folder = pattern.isGlob ? null : readPattern(`${text}/`, options);
    if (folder && (await isHeld(folder))) held.push(folder);
    else missed.push(pattern);
  }
  return { held, missed };
}

function describeHolder({ pattern, agentId }: { pattern: string; agentId: string }) {
  return { pattern, agentId };
}
