import { patternMatches } from '../../globs/compare-patterns.js';
import type { AgentFacts } from '../../text/word-agent.js';
import type { LockRepository } from './lock-repository.js';
import type { PlacedPattern } from './lock-types.js';
import type { PastLock } from './past-locks.js';
import { pathOf } from './request-locks.js';

/** A path whose lock the agent lost, and the agent that was granted it later. */
export interface StalePath {
  path: string;
  /** Of the lost lock, and of the later grant. */
  token: number;
  laterToken: number;
  /** The one that was granted it. */
  holder: AgentFacts;
}

/**
 * Which of these paths the agent held, lost (to the clock or to a person) and did not get back, while another agent was
 * granted them later: what it does there is stale.
 */
export async function findStale(
  repository: Pick<LockRepository, 'listLost' | 'listGrantedAfter'>,
  agentId: string,
  paths: readonly PlacedPattern[],
): Promise<StalePath[]> {
  const findLost = createNewestFinder(await repository.listLost(agentId));
  const stale = paths.flatMap((path) => {
    const last = findLost(path);
    return last ? [{ path, token: last.token }] : [];
  });
  if (stale.length === 0) return [];
  const since = Math.min(...stale.map(({ token }) => token));
  const keys = stale.map(({ path }) => path.key);
  const boards = [...new Set(stale.map(({ path }) => path.board))];
  const findGranted = createNewestFinder(await repository.listGrantedAfter(boards, agentId, since, keys));
  return stale.flatMap(({ path, token }) => {
    const later = findGranted(path);
    if (!later || later.token <= token) return [];
    return [{ path: path.shown, token, laterToken: later.token, holder: later.holder }];
  });
}

/** Finds the lock with the highest token among those that match a path in its worktree. */
function createNewestFinder<Lock extends PastLock>(locks: readonly Lock[]): (path: PlacedPattern) => Lock | undefined {
  const globs = locks.filter((lock) => lock.isGlob);
  const byPath = new Map<string, Lock>();
  for (const lock of locks) {
    if (!lock.isGlob && lock.token >= (byPath.get(pathOf(lock))?.token ?? 0)) byPath.set(pathOf(lock), lock);
  }
  return (path) =>
    globs
      .filter((lock) => lock.worktree === path.worktree && patternMatches(lock, path.key))
      .reduce((last, lock) => (last && last.token > lock.token ? last : lock), byPath.get(pathOf(path)));
}
