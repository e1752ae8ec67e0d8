import type { Actor } from '../../actor/actor.js';
import type { SessionsService } from '../../coordination/sessions/sessions-service.js';
import { clipText } from '../../text/clip-text.js';
import { estimateTokens } from '../../text/estimate-tokens.js';
import type { OtherAgent } from './context-types.js';

const MAX_AGENTS = 8;
const MAX_FILES = 3;
const MAX_TASK_CHARS = 120;

/**
 * Agents at work besides the actor's own, as many as fit the budget.
 * @returns also the estimated tokens that they take, and how many were left out
 */
export async function listOtherAgents(
  sessions: Pick<SessionsService, 'whoIsWorking'>,
  actor: Actor,
  tokenBudget: number,
): Promise<{ agents: OtherAgent[]; tokens: number; leftOut: number }> {
  const { active } = await sessions.whoIsWorking(actor.projectId);
  const others = active.filter(({ agentId }) => agentId !== actor.agentId);
  const agents: OtherAgent[] = [];
  let tokens = 0;
  for (const { agentId, name, task, files } of others.slice(0, MAX_AGENTS)) {
    const agent: OtherAgent = {
      agentId,
      name,
      task: clipText(task ?? '', MAX_TASK_CHARS),
      files: files.slice(0, MAX_FILES),
      moreFiles: Math.max(0, files.length - MAX_FILES),
    };
    const ofAgent = estimateTokens(JSON.stringify(agent));
    if (tokens + ofAgent > tokenBudget) break;
    tokens += ofAgent;
    agents.push(agent);
  }
  return { agents, tokens, leftOut: others.length - agents.length };
}
