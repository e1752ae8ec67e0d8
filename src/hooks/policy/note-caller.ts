import type { HookVerdict } from '../../ipc/control-protocol.js';
import { openSubagent } from './guard-edit.js';
import { type GuardDeps, type HookContext, PASS } from './guard-types.js';

/**
 * Before a call of a tool of PopStash: keeps which subagent makes it. The call itself comes by the connection that all
 * subagents of a client share, and says no more than the client's own id of the call.
 */
export async function noteCaller(deps: GuardDeps, context: HookContext): Promise<HookVerdict> {
  const { agent, request } = context;
  if (!agent || !request.subagent || request.call === undefined) return PASS;
  const actor = await openSubagent(deps, context);
  if (actor?.sessionId) deps.calls.set(callOf(agent.id, request.call), actor.sessionId);
  return PASS;
}

export function callOf(agentId: string, call: string): string {
  return `${agentId} ${call}`;
}
