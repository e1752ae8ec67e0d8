import type { HookRequest } from '../../ipc/control-protocol.js';
import { hasClientName, sortByLikelihood } from './find-agent.js';
import type { HookAgent } from './hook-agent.js';

/** What is known of a hook on another machine. */
export interface MemberHook {
  request: HookRequest;
  /** Worktree of the folder that the request names. */
  worktree: string;
  /** Steps up to the client that the hook shares with a process, by the pid of that. Null where processes can't be seen. */
  related: ReadonlyMap<number, number> | null;
}

/**
 * The agent that a hook on another machine acts for: of the member's own agents there the one whose process was started by the
 * nearest client, else the one that serves the client's session, else the client's only one in this worktree.
 */
export function findMemberAgent(
  agents: readonly HookAgent[],
  { request, worktree, related }: MemberHook,
): HookAgent | null {
  const distanceOf = ({ isLocal, pid }: HookAgent) =>
    (isLocal && pid !== null ? related?.get(pid) : undefined) ?? Number.POSITIVE_INFINITY;
  const nearest = Math.min(Number.POSITIVE_INFINITY, ...agents.map(distanceOf));
  const near = nearest === Number.POSITIVE_INFINITY ? [] : agents.filter((agent) => distanceOf(agent) === nearest);
  const { session } = request;
  const bySession = session === undefined ? [] : agents.filter((agent) => agent.clientSession === session);
  const fitting = agents.filter(
    (agent) => agent.worktree === worktree && hasClientName(agent, request.client) && agent.clientSession === null,
  );
  const only = related === null && fitting.length === 1 ? fitting[0] : undefined;
  return sortByLikelihood(near, request, worktree)[0] ?? bySession[0] ?? only ?? null;
}
