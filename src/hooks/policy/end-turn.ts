import type { HookVerdict } from '../../ipc/control-protocol.js';
import { type GuardDeps, type HookContext, PASS } from './guard-types.js';

/** The agent waits for its user: its claims by edits outside any task are freed. Locks that it asked for stay. */
export async function endTurn(
  { repository, sessions, watch }: GuardDeps,
  { agent, actor, request }: HookContext,
): Promise<HookVerdict> {
  if (!agent || !actor) return PASS;
  await watch.endAll(agent.id);
  if (request.event === 'session-end') {
    // Subagents whose stop was not reported. The end of a turn ends none: some go on in the background.
    for (const { id, subagent } of agent.sessions) if (subagent !== null) await sessions.endSubagent(actor, id);
  }
  await repository.endTurnClaims(agent.id);
  return PASS;
}

/** A subagent has stopped: its claims are freed. */
export async function endSubagent(
  { sessions }: GuardDeps,
  { agent, actor, request }: HookContext,
): Promise<HookVerdict> {
  const session = agent?.sessions.find(({ subagent }) => subagent !== null && subagent === request.subagent?.id);
  if (session && actor) await sessions.endSubagent(actor, session.id);
  return PASS;
}
