// A working day as data: who does what in a repository, and what PopStash is to say of it.

export type Agent = 'ann' | 'bob' | 'cleo';
/** An agent, or a person in a terminal. */
export type Actor = Agent | 'person';

export type Act =
  /** `start_task` with these files, which are all to be granted. */
  | { kind: 'start'; task: string; files: readonly string[] }
  | { kind: 'end' }
  /** The agent's turn ends. */
  | { kind: 'stop' }
  /** An edit with the client's own tool, with its hooks: the file is written when no hook denies it. */
  | { kind: 'edit'; file: string }
  /** A shell command, with the hooks of the client for an agent. */
  | { kind: 'run'; command: string };

export interface Outcome {
  /**
   * `passes`: goes on, and nothing is said. `denied`: refused, by the hook or by git. `warned`: goes on, and a word is said
   * before. `told`: goes on, and the agent is told afterwards what its command changed.
   */
  verdict: 'passes' | 'denied' | 'warned' | 'told';
  /** Whose task is named, and no other's. */
  names: readonly Agent[];
  /** Who gets a notice of which kind; nobody else gets one. */
  notices: Partial<Record<Agent, string>>;
}

export interface Step {
  by: Actor;
  act: Act;
  outcome: Outcome;
  /** What is special about it. */
  note: string;
}

export interface Room {
  title: string;
  /** Makes the repositories. @returns folders by name: `{name}` in a step stands for one; agents are opened in theirs */
  create(env: Readonly<Record<string, string | undefined>>): Promise<Folders>;
  /** The folder that each agent is opened in; who is missing has no part in it. */
  opened: Partial<Record<Agent, string>>;
  steps: readonly Step[];
}

/** Absolute paths; the first is where a person works, unless a step says otherwise. */
export type Folders = Readonly<Record<string, string>>;

export const start = (task: string, ...files: string[]): Act => ({ kind: 'start', task, files });
export const edit = (file: string): Act => ({ kind: 'edit', file });
export const run = (command: string): Act => ({ kind: 'run', command });
export const end: Act = { kind: 'end' };
export const stop: Act = { kind: 'stop' };

export const passes: Outcome = { verdict: 'passes', names: [], notices: {} };
export const denied = (...names: Agent[]): Outcome => ({ verdict: 'denied', names, notices: {} });
export const warned = (names: readonly Agent[], notices: Outcome['notices'] = {}): Outcome => ({
  verdict: 'warned',
  names,
  notices,
});
/** The holders get a notice of it. */
export const told = (...names: Agent[]): Outcome => ({
  verdict: 'told',
  names,
  notices: Object.fromEntries(names.map((name) => [name, 'shell_write'])),
});

export function step(by: Actor, act: Act, outcome: Outcome, note = ''): Step {
  return { by, act, outcome, note };
}

export function describeStep({ by, act, outcome, note }: Step): string {
  const names = outcome.names.length > 0 ? ` (${outcome.names.join(', ')})` : '';
  return `${by} ${describeAct(act)}: ${outcome.verdict}${names}${note === '' ? '' : `; ${note}`}`;
}

function describeAct(act: Act): string {
  switch (act.kind) {
    case 'start':
      return `starts "${act.task}"`;
    case 'edit':
      return `edits ${act.file}`;
    case 'run':
      return `runs ${act.command}`;
    default:
      return act.kind === 'end' ? 'ends its task' : 'ends its turn';
  }
}
