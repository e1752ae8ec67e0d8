import type { HookVerdict } from '../../ipc/control-protocol.js';
import { type GuardDeps, PASS, type Scene } from './guard-types.js';

/** The agent waits for its user: what it claimed by editing, outside any task, is free. Locks that it asked for stay. */
export async function endTurn(
  { repository, sessions }: GuardDeps,
  { agent, actor, request }: Scene,
): Promise<HookVerdict> {
  if (!agent || !actor) return PASS;
  if (request.event === 'session-end') {
    // Subagents that nobody saw stopping; with a mere turn, some go on in the background.
    for (const { id, subagent } of agent.sessions) if (subagent !== null) await sessions.endSubagent(actor, id);
  }
  await repository.endTurnClaims(agent.id);
  return PASS;
}

/** A subagent has stopped: what it claimed is free. */
export async function endSubagent({ sessions }: GuardDeps, { agent, actor, request }: Scene): Promise<HookVerdict> {
  const session = agent?.sessions.find(({ subagent }) => subagent !== null && subagent === request.subagent?.id);
  if (session && actor) await sessions.endSubagent(actor, session.id);
  return PASS;
}
