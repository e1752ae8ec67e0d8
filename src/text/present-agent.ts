import { oneLine } from './quote-text.js';
import type { AgentFacts } from './word-agent.js';

/** What tells an agent from others in answers, beside its id. Absent where nothing is known of it. */
export interface PresentedAgent {
  name: string;
  /** What its client calls itself; of a team's member with whose it is. */
  client: string | undefined;
  /** Where it works, unless that is the main checkout. */
  branch?: string | undefined;
  worktree?: string | undefined;
  /** Where its user sees it; without that its process. */
  terminal: string | undefined;
  pid: number | undefined;
}

/** Characters of what agents and their clients chose. */
const MAX_NAME = 60;
const MAX_PLACE = 200;

/** An agent as tools answer it; texts word it by createAgentWords. */
export function presentAgent(agent: AgentFacts): PresentedAgent {
  const { branch, worktree, isMain } = agent;
  const place = isMain ? {} : { branch: clip(branch, MAX_PLACE), worktree: clip(worktree, MAX_PLACE) };
  return { ...presentName(agent), ...place };
}

/** The same without where it works, for answers that tell it of the agent's lock. */
export function presentName({ name, client, person, terminal, pid }: AgentFacts): PresentedAgent {
  return {
    name: oneLine(name, MAX_NAME),
    client: clip(person ? `${client ?? 'client'} of ${person}` : client, MAX_NAME),
    terminal: clip(terminal, MAX_NAME),
    pid: terminal === null ? (pid ?? undefined) : undefined,
  };
}

function clip(text: string | null, length: number): string | undefined {
  return text === null ? undefined : oneLine(text, length);
}
