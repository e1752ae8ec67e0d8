import { canBeClient, isWrapper } from './match-agent.js';
import type { ProcessInfo } from './process-tree.js';

/**
 * The client that started a hook: the nearest process above it that does not only stand between the two; null when that
 * is a terminal or the system.
 * @param asking the hook's process and its ancestors, nearest first
 */
export function findClientPid(asking: readonly ProcessInfo[]): number | null {
  const nearest = asking.slice(1).find((process) => !isWrapper(process));
  return nearest && canBeClient(nearest) ? nearest.pid : null;
}
