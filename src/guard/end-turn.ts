import type { HookVerdict } from '../local/local-protocol.js';
import { type GuardDeps, PASS, type Scene } from './guard-types.js';

/** The agent waits for its user: what it claimed by editing, outside any task, is free. Locks that it asked for stay. */
export async function endTurn({ repository }: GuardDeps, { agent }: Scene): Promise<HookVerdict> {
  if (agent) await repository.endTurnClaims(agent.id);
  return PASS;
}

/** A subagent has stopped: what it claimed is free. */
export async function endSubagent({ sessions }: GuardDeps, { agent, actor, request }: Scene): Promise<HookVerdict> {
  const session = agent?.sessions.find(({ subagent }) => subagent !== null && subagent === request.subagent?.id);
  if (session && actor) await sessions.endSubagent(actor, session.id);
  return PASS;
}
