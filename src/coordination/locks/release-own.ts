import type { Actor } from '../../actor/actor.js';
import { filterWithYields } from '../../async/yield-to-event-loop.js';
import { patternCovers } from '../../globs/compare-patterns.js';
import type { LockRepository } from './lock-repository.js';
import type { AcquireOutcome, EndedLock, OwnLock, PlacedPattern } from './lock-types.js';
import { pathOf } from './request-locks.js';

export interface Released {
  /** Each with the worktree that its pattern is relative to. */
  released: (EndedLock & { worktree: string })[];
  /** Patterns within which the actor holds nothing. */
  notHeld: string[];
}

/** Releases the actor's own locks that equal a pattern or lie within it. Never touches another owner's. */
export async function releaseOwn(
  repository: Pick<LockRepository, 'releasePaths' | 'listOwn' | 'end'>,
  actor: Actor,
  patterns: readonly PlacedPattern[],
): Promise<Released> {
  if (patterns.some((pattern) => pattern.isGlob)) return releaseCovered(repository, actor, patterns);
  const ended = await repository.releasePaths(actor, patterns);
  const paths = new Set(ended.map(pathOf));
  return {
    released: ended.map(({ id, pattern, worktree, agentId }) => ({ id, pattern, worktree, agentId })),
    notHeld: patterns.filter((pattern) => !paths.has(pathOf(pattern))).map(({ shown }) => shown),
  };
}

/** What lies within a glob is found here: the database knows paths only. */
async function releaseCovered(
  repository: Pick<LockRepository, 'listOwn' | 'end'>,
  actor: Actor,
  patterns: readonly PlacedPattern[],
): Promise<Released> {
  const own = await repository.listOwn(actor);
  const paths = new Set(patterns.map(pathOf));
  const ids = new Set(own.filter((lock) => paths.has(pathOf(lock))).map(({ id }) => id));
  const notHeld: string[] = [];
  for (const pattern of patterns) {
    const covers = (lock: OwnLock) => lock.worktree === pattern.worktree && patternCovers(pattern, lock);
    const others = own.filter(({ id }) => !ids.has(id));
    const covered = await filterWithYields(others, covers);
    for (const { id } of covered) ids.add(id);
    const isHeld = covered.length > 0 || own.some((lock) => pathOf(lock) === pathOf(pattern));
    if (!isHeld && (await filterWithYields(own, covers, 1)).length === 0) notHeld.push(pattern.shown);
  }
  const worktrees = new Map(own.map(({ id, worktree }) => [id, worktree]));
  const ended = await repository.end([...ids], 'released', null);
  return { released: ended.map((lock) => ({ ...lock, worktree: worktrees.get(lock.id) ?? '' })), notHeld };
}

export type GrantedOutcome = Pick<AcquireOutcome, 'newIds' | 'granted'>;

/** Ends the locks that a cancelled call was granted. @param sinceMs all since then; those of this outcome when left out */
export async function endGiven(
  repository: Pick<LockRepository, 'listSince' | 'end'>,
  { newIds, granted }: GrantedOutcome,
  sinceMs?: number,
): Promise<EndedLock[]> {
  const older = granted.map(({ id }) => id).filter((id) => !newIds.includes(id));
  const ids = sinceMs === undefined ? newIds : [...newIds, ...(await repository.listSince(older, sinceMs))];
  return ids.length === 0 ? [] : await repository.end(ids, 'released', 'cancelled');
}
