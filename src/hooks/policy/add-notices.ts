import type { HookVerdict } from '../../ipc/control-protocol.js';
import type { GuardDeps, HookContext } from './guard-types.js';

/**
 * Adds what came for the agent to the verdict on an event that it reads: after a tool, and with a message of its user.
 * Whether there is anything was read with the agent. What a subagent reads its parent does not: notices are the agent's.
 */
export async function addNotices(
  { notices }: GuardDeps,
  { agent, request }: HookContext,
  verdict: HookVerdict,
): Promise<HookVerdict> {
  const isRead = request.event === 'post-tool-use' || request.event === 'prompt-submit';
  if (!isRead || !request.hears || !agent?.hasNotices || request.subagent) return verdict;
  // A failure leaves them for the next answer.
  const context = await notices.takeText(agent.id).catch(() => null);
  return context === null ? verdict : { ...verdict, context };
}
