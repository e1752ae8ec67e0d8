import type { HookVerdict } from '../../ipc/control-protocol.js';
import { describeOpenTask } from './describe-session.js';
import { type GuardDeps, type HookContext, PASS, tell } from './guard-types.js';

/**
 * The agent waits for its user: its claims by edits outside any task are freed. Locks that it asked for stay, and it is
 * told, once a turn, how to end a task that is open still.
 */
export async function endTurn(
  { repository, sessions, watch }: GuardDeps,
  { agent, actor, request, projectId }: HookContext,
): Promise<HookVerdict> {
  if (!agent || !actor) return PASS;
  await watch.endAll(agent.id);
  if (request.event === 'session-end') {
    // Subagents whose stop was not reported. The end of a turn ends none: some go on in the background.
    for (const { id, subagent } of agent.sessions) if (subagent !== null) await sessions.endSubagent(actor, id);
  }
  await repository.endTurnClaims(agent.id);
  const task = agent.sessions.find(({ subagent }) => subagent === null);
  // It goes on by a hook already: a client that asks again in the same turn would never come to its end.
  if (!task || request.event !== 'stop' || request.continued || !request.hears || request.subagent) return PASS;
  const { active } = await sessions.whoIsWorking(projectId);
  const open = active.find(({ sessionId }) => sessionId === task.id);
  return open ? tell(describeOpenTask(open)) : PASS;
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
