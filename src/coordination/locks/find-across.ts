import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import { patternsOverlap } from '../../globs/compare-patterns.js';
import { findBranch } from '../../project/project-identities.js';
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
export function describeLock(lock: LiveLock, met: PlacedPattern): Omit<LockConflict, 'branch'> {
  const { pattern, worktree, mode, agentId, holder, sessionId, task, acquiredAt, expiresAt, lastActive } = lock;
  const held = { agentId, holder, sessionId, task, since: acquiredAt, expiresAt, lastActive };
  return { requested: met.shown, pattern, worktree, mode, ...held, queued: false };
}

/** Adds what is checked out in the worktree of each. */
export async function addBranches(conflicts: readonly Omit<LockConflict, 'branch'>[]): Promise<LockConflict[]> {
  const worktrees = [...new Set(conflicts.map(({ worktree }) => worktree))];
  const branches = new Map(await Promise.all(worktrees.map(async (each) => [each, await findBranch(each)] as const)));
  return conflicts.map((conflict) => ({ ...conflict, branch: branches.get(conflict.worktree) ?? branchOf(conflict) }));
}

/** On another machine, what the holder's own process has told. */
function branchOf({ holder, worktree }: Omit<LockConflict, 'branch'>): string | null {
  return holder.worktree === worktree ? holder.branch : null;
}
