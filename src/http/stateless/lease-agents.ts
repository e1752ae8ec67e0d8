import type { Member } from '../../actor/member.js';
import { AppError } from '../../errors.js';
import type { HandleCallers } from '../../mcp/server/handle-callers.js';
import type { AgentLeases } from '../../mcp/server/known-callers.js';
import { checkRoom, LEASE_PREFIX, type LiveAgent } from '../sessions/live-agent.js';
import type { SessionRepository } from '../sessions/session-repository.js';

export interface LeasesOptions {
  member: Member;
  repository: Pick<SessionRepository, 'lease'>;
  /** Agents that this process answers for, by the ids of their rows. */
  live: Map<string, LiveAgent>;
  /** An agent ends after this long without a call, in ms. */
  idleMs: number;
  callers: () => Pick<HandleCallers, 'endOne' | 'leaveOne'> | undefined;
}

/** Keeps the agents that a member calls for alive: each has a row, which the process that answers for it renews. */
export function createLeases(options: LeasesOptions): AgentLeases & { isEmpty(): boolean } {
  const { member, repository, live, idleMs, callers } = options;
  const calls = new Map<string, { open: number; lastAt: number }>();

  function note(agentId: string): { open: number; lastAt: number } {
    const known = calls.get(agentId);
    if (known) return known;
    const id = `${LEASE_PREFIX}${agentId}`;
    // Called for from another place of its member before.
    live.get(id)?.leave();
    const call = { open: 0, lastAt: performance.now() };
    live.set(id, {
      id,
      member,
      agentId,
      isLive: () => call.open > 0 || performance.now() - call.lastAt < idleMs,
      async end(reason) {
        calls.delete(agentId);
        await callers()?.endOne(agentId, reason);
      },
      leave() {
        calls.delete(agentId);
        callers()?.leaveOne(agentId);
      },
    });
    calls.set(agentId, call);
    return call;
  }

  return {
    async begin(agentId) {
      const id = `${LEASE_PREFIX}${agentId}`;
      if (!live.has(id)) checkRoom(live, member);
      const leased = await repository.lease({
        id,
        agentId,
        memberId: member.id,
        person: member.person,
      });
      if (!leased) throw isOthers(agentId);
      const call = note(agentId);
      call.open += 1;
      return leased;
    },
    end(agentId) {
      const call = calls.get(agentId);
      if (!call) return;
      call.open -= 1;
      call.lastAt = performance.now();
    },
    isEmpty: () => calls.size === 0,
  };
}

function isOthers(agentId: string): AppError {
  return new AppError({
    code: 'not_found',
    message: `session_id: the agent ${agentId} is another member's.`,
    fix: 'Pass the session_id that your own start_task returned, or call start_task without one first.',
  });
}
