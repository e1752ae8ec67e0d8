import type { LiveLock } from '../../coordination/locks/lock-types.js';
import type { GuardDeps, HookContext } from './guard-types.js';

/** Live locks on files of this worktree: the same path in another worktree is another file. */
export async function listWatched(
  { locks, repository }: Pick<GuardDeps, 'locks' | 'repository'>,
  { projectId, worktree }: HookContext,
): Promise<LiveLock[]> {
  const { locks: live } = await locks.list(projectId);
  if (live.length === 0) return [];
  const worktrees = await repository.findWorktrees([...new Set(live.map(({ agentId }) => agentId))]);
  return live.filter(({ agentId }) => (worktrees.get(agentId) ?? worktree) === worktree);
}
