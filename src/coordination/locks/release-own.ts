import type { Actor } from '../../actor/actor.js';
import { filterWithYields } from '../../async/yield-to-event-loop.js';
import { patternCovers } from '../../globs/compare-patterns.js';
import type { Pattern } from '../../globs/pattern-types.js';
import type { LockRepository } from './lock-repository.js';
import type { EndedLock } from './lock-types.js';

export interface Released {
  released: EndedLock[];
  /** Patterns within which the actor holds nothing. */
  notHeld: string[];
}

/** Releases the actor's own locks that equal a pattern or lie within it. Never touches another owner's. */
export async function releaseOwn(
  repository: Pick<LockRepository, 'releasePaths' | 'listOwn' | 'end'>,
  actor: Actor,
  patterns: readonly Pattern[],
): Promise<Released> {
  if (patterns.some((pattern) => pattern.isGlob)) return releaseCovered(repository, actor, patterns);
  const ended = await repository.releasePaths(
    actor,
    patterns.map((pattern) => pattern.key),
  );
  return {
    released: ended.map(({ id, pattern, agentId }) => ({ id, pattern, agentId })),
    notHeld: patterns.filter(({ key }) => !ended.some((lock) => lock.key === key)).map(({ pattern }) => pattern),
  };
}

/** What lies within a glob is found here: the database knows paths only. */
async function releaseCovered(
  repository: Pick<LockRepository, 'listOwn' | 'end'>,
  actor: Actor,
  patterns: readonly Pattern[],
): Promise<Released> {
  const own = await repository.listOwn(actor);
  const keys = new Set(patterns.map(({ key }) => key));
  const ids = new Set(own.filter(({ key }) => keys.has(key)).map(({ id }) => id));
  const notHeld: string[] = [];
  for (const pattern of patterns) {
    const covers = (lock: { key: string; isGlob: boolean }) => patternCovers(pattern, lock);
    const others = own.filter(({ id }) => !ids.has(id));
    const covered = await filterWithYields(others, covers);
    for (const { id } of covered) ids.add(id);
    const isHeld = covered.length > 0 || own.some(({ key }) => key === pattern.key);
    if (!isHeld && (await filterWithYields(own, covers, 1)).length === 0) notHeld.push(pattern.pattern);
  }
  return { released: await repository.end([...ids], 'released', null), notHeld };
}
