import { quoteName, quoteText } from './quote-text.js';

/** What an agent is told from others by, as the database has it (prisma/functions/agent_facts.sql). */
export interface AgentFacts {
  id: string;
  /** Speakable, and no other connected agent's. Where `client` is null, what the client called itself. */
  name: string;
  client: string | null;
  /** Whose it is, of an agent that connected by HTTP; null or absent for one of this machine's user. */
  person?: string | null | undefined;
  host: string | null;
  /** Of its front or bridge, on that host. */
  pid: number | null;
  /** Absolute path of the worktree or folder that it works in. */
  worktree: string | null;
  branch: string | null;
  /** tmux pane, terminal program, tty. */
  terminal: string | null;
  /** It works in the main checkout of its project. */
  isMain: boolean;
  task: string | null;
  /** First words of what its user asked last. */
  prompt: string | null;
}

/** An agent of which no more is known. */
export function nameOnly(id: string, name: string): AgentFacts {
  const nothing = { client: null, host: null, pid: null, worktree: null, branch: null, terminal: null };
  return { id, name, ...nothing, isMain: true, task: null, prompt: null };
}

/** Which parts of a wording the text around it tells itself. */
export interface AgentWording {
  /** The worktree that the text names anyway. */
  inWorktree?: string | null;
  /** The text tells what the agent does, or its field does. */
  withoutTask?: boolean;
}

export type WordAgent = (agent: AgentFacts, wording?: AgentWording) => string;

/** Characters of each part that others wrote. */
const MAX_NAME = 40;
const MAX_CLIENT = 40;
const MAX_BRANCH = 60;
const MAX_TERMINAL = 40;
const MAX_PATH = 120;
const MAX_TASK = 80;
const TERMINAL = /^(?=.{1,40}$)[\w.-]+(?: pane)?(?: (?:pts\/|%)?[\w.-]*\d[\w.-]*){0,2}$|^[\w./-]{1,40}$/;
/** Names that PopStash gives: a word, or two, and a number where these are taken. */
const SPEAKABLE = /^[A-Z][a-z]{1,15}(?: [A-Z][a-z]{1,15})?(?: \d{1,12})?$/;

/**
 * Words agents for one text: `Maple (CLIENT, branch login, tmux %3, task "Refactor auth")`, of a team's member
 * `Maple (Anna, CLIENT, branch login, on laptop, task "Refactor auth")`. A name is used again after
 * its agent has gone: where two agents of one name stand in the same text, the later one is told apart by its id.
 * @param reader the agent that reads the text: its own name is taken
 */
export function createAgentWords(reader?: Pick<AgentFacts, 'id' | 'name'>): WordAgent {
  const named = new Map<string, string>(reader && [[reader.name, reader.id]]);
  return (agent, wording = {}) => {
    const { id, name, client } = agent;
    if (!named.has(name)) named.set(name, id);
    const parts = [
      ...(named.get(name) === id ? [] : [id]),
      ...(agent.person ? [quoteName(agent.person, MAX_NAME)] : []),
      ...(client === null ? [] : [quoteName(client, MAX_CLIENT)]),
      ...wordPlace(agent, wording),
      ...wordTerminal(agent),
      ...(wording.withoutTask ? [] : wordTask(agent)),
    ];
    const spoken = SPEAKABLE.test(name) && client !== null ? name : quoteName(name, MAX_NAME);
    return parts.length === 0 ? spoken : `${spoken} (${parts.join(', ')})`;
  };
}

/** The branch, or the folder; nothing in the main checkout, where one expects an agent. */
function wordPlace({ worktree, branch, isMain }: AgentFacts, { inWorktree }: AgentWording): string[] {
  if (isMain || worktree === null || worktree === inWorktree) return [];
  return [branch === null ? `in ${quoteName(worktree, MAX_PATH)}` : `branch ${quoteName(branch, MAX_BRANCH)}`];
}

/** Where its user finds it. */
function wordTerminal({ terminal, pid, person, host }: AgentFacts): string[] {
  // Of another person's machine, its name says more than a terminal there.
  if (person) return host === null ? [] : [`on ${quoteName(host, MAX_TERMINAL)}`];
  if (terminal !== null) return [quoteWords(terminal)];
  return pid === null ? [] : [`pid ${pid}`];
}

/** A terminal's name, such as `tmux %3` or `vscode pts/4`: a program and a number of it, or all is quoted. */
function quoteWords(terminal: string): string {
  return TERMINAL.test(terminal) ? terminal : quoteName(terminal, MAX_TERMINAL);
}

function wordTask({ task, prompt }: AgentFacts): string[] {
  if (task) return [`task ${quoteText(task, MAX_TASK)}`];
  return prompt ? [`asked ${quoteText(prompt, MAX_TASK)}`] : [];
}
