import { patternMatches } from '../../globs/compare-patterns.js';
import type { Pattern } from '../../globs/pattern-types.js';
import type { LockRepository } from './lock-repository.js';
import type { PastLock } from './past-locks.js';

/** A path whose lock the agent lost, and the agent that was granted it later. */
export interface StalePath {
  path: string;
  /** Of the lost lock, and of the later grant. */
  token: number;
  laterToken: number;
  agentId: string;
  agentName: string;
}

/**
 * Which of these paths the agent held, lost (to the clock or to a person) and did not get back, while another agent was
 * granted them later: what it does there is stale.
 */
export async function findStale(
  repository: Pick<LockRepository, 'listLost' | 'listGrantedAfter'>,
  projectId: string,
  agentId: string,
  paths: readonly Pattern[],
): Promise<StalePath[]> {
  const findLost = createNewestFinder(await repository.listLost(projectId, agentId));
  const stale = paths.flatMap((path) => {
    const last = findLost(path);
    return last ? [{ path, token: last.token }] : [];
  });
  if (stale.length === 0) return [];
  const since = Math.min(...stale.map(({ token }) => token));
  const keys = stale.map(({ path }) => path.key);
  const findGranted = createNewestFinder(await repository.listGrantedAfter(projectId, agentId, since, keys));
  return stale.flatMap(({ path, token }) => {
    const later = findGranted(path);
    if (!later || later.token <= token) return [];
    const { agentId: holder, agentName } = later;
    return [{ path: path.pattern, token, laterToken: later.token, agentId: holder, agentName }];
  });
}

/** Finds the lock with the highest token among those that match a path. */
function createNewestFinder<Lock extends PastLock>(locks: readonly Lock[]): (path: Pattern) => Lock | undefined {
  const globs = locks.filter((lock) => lock.isGlob);
  const byPath = new Map<string, Lock>();
  for (const lock of locks) {
    if (!lock.isGlob && lock.token >= (byPath.get(lock.key)?.token ?? 0)) byPath.set(lock.key, lock);
  }
  return (path) =>
    globs
      .filter((lock) => patternMatches(lock, path.key))
      .reduce((last, lock) => (last && last.token > lock.token ? last : lock), byPath.get(path.key));
}
