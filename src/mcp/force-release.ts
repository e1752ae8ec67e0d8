import type { LiveLock } from '../domain/locks/lock-types.js';
import { patternCovers, patternsOverlap } from '../domain/locks/patterns/compare-patterns.js';
import { detectCaseFolding } from '../domain/locks/patterns/detect-case-folding.js';
import { normalizePattern } from '../domain/locks/patterns/normalize-pattern.js';
import type { Pattern } from '../domain/locks/patterns/pattern-types.js';
import type { Project } from '../domain/projects/resolve-project.js';
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
  const isHeld = (pattern: Pattern) => live.some((lock) => patternCovers(pattern, lock));
  const meant = patterns.map((text) => {
    const pattern = normalizePattern(text, options);
    const folder = pattern.isGlob || isHeld(pattern) ? pattern : normalizePattern(`${text}/`, options);
    return isHeld(folder) ? folder : pattern;
  });
  const released = await locks.forceRelease(project.id, meant, by, reason);
  const left = live.filter(({ id }) => !released.some((ended) => ended.id === id));
  return {
    released,
    notHeld: meant
      .filter((pattern) => !isHeld(pattern))
      .map((pattern) => ({ pattern: pattern.pattern, overlapping: listOverlapping(left, pattern) })),
  };
}

function listOverlapping(locks: readonly LiveLock[], pattern: Pattern): ReleaseAnswer['released'] {
  return locks
    .filter((lock) => patternsOverlap(lock, pattern))
    .map((lock) => ({ pattern: lock.pattern, agentId: lock.agentId }));
}
