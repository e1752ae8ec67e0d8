import type { HookVerdict } from '../../ipc/control-protocol.js';
import { beginSession } from './begin-session.js';
import type { GuardDeps, HookContext } from './guard-types.js';

/**
 * Adds what came for the agent to the verdict on an event that it reads: after a tool, and with a message of its user.
 * Whether there is anything was read with the agent. Where no server answered when the client's session began, what it
 * begins with is told now. What a subagent reads its parent does not: notices are the agent's.
 */
export async function addNotices(
  deps: GuardDeps,
  context: HookContext,
  verdict: HookVerdict,
  reopen: () => Promise<HookContext>,
): Promise<HookVerdict> {
  const { agent, request } = context;
  const isRead = request.event === 'post-tool-use' || request.event === 'prompt-submit';
  if (!isRead || !request.hears || request.subagent) return verdict;
  const begun = request.begins ? (await beginSession(deps, context, reopen)).message : null;
  // A failure leaves them for the next answer.
  const text = agent?.hasNotices ? await deps.notices.takeText(agent.id).catch(() => null) : null;
  const told = [begun, text].filter(Boolean).join('\n');
  return told === '' ? verdict : { ...verdict, context: told };
}
