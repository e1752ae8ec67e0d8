import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import { patternsOverlap } from '../../globs/compare-patterns.js';
import type { LiveLock, LockConflict, PlacedPattern } from './lock-types.js';

/** The first of these patterns that a lock overlaps with, in its own worktree or in another one of its repository. */
export async function findMet(
  lock: LiveLock,
  patterns: readonly PlacedPattern[],
  where: 'here' | 'elsewhere',
): Promise<PlacedPattern | undefined> {
  for (const pattern of patterns) {
    const isHere = lock.worktree === pattern.worktree;
    if (lock.board !== pattern.board || isHere !== (where === 'here')) continue;
    await yieldToEventLoop();
    if (patternsOverlap(pattern, lock)) return pattern;
  }
  return undefined;
}

/** A lock as those read it whose pattern met it. */
export function describeLock(lock: LiveLock, met: PlacedPattern): LockConflict {
  const { pattern, worktree, mode, agentId, holder, sessionId, task, acquiredAt, expiresAt, lastActive } = lock;
  const held = { agentId, holder, sessionId, task, since: acquiredAt, expiresAt, lastActive };
  return { requested: met.shown, pattern, worktree, mode, ...held, queued: false };
}
