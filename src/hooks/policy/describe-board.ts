import type { HookVerdict } from '../../ipc/control-protocol.js';
import { oneLine } from '../../text/quote-text.js';
import { type GuardDeps, type HookContext, PASS } from './guard-types.js';

/** Characters of a task and of a path: more than a line has room for. */
const MAX_TEXT = 100;

/** What the status line of an agent's client shows; nothing where no agent of PopStash works in that window. */
export async function describeBoard(
  { repository }: Pick<GuardDeps, 'repository'>,
  { agent, projectId, actor }: HookContext,
): Promise<HookVerdict> {
  if (!agent) return PASS;
  const found = await repository.readBoard(actor ?? { agentId: agent.id, projectId, sessionId: null });
  const { task, locks, lockCount, others } = found;
  const board = {
    agent: oneLine(agent.name, MAX_TEXT),
    ...(task !== null && { task: oneLine(task, MAX_TEXT) }),
    locks: locks.map((pattern) => oneLine(pattern, MAX_TEXT)),
    ...{ lockCount, others },
  };
  return { ...PASS, board };
}
