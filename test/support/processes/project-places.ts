import type { EnvironmentChange } from '../setup/environment.js';
import { connectClient } from './client.js';
import { runCommand } from './processes.js';

interface Answer {
  decisions: { decision: string }[];
  notices?: { kind: string; message: string; data: Record<string, unknown> }[];
}

/** What an agent that starts in a folder finds there. */
export interface Found {
  /** Decisions, in alphabetical order. */
  decisions: string[];
  /** Questions about the project, of its first answer and of its second. */
  asked: [string[], string[]];
}

/** Agents that come, do one thing and go. */
export function createVisitors(env: EnvironmentChange = {}) {
  async function visit<T>(cwd: string, work: (client: Awaited<ReturnType<typeof connectClient>>) => Promise<T>) {
    const client = await connectClient({ env, cwd });
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  }

  const questions = ({ notices = [] }: Answer) =>
    notices.filter(({ kind }) => kind === 'project_question').map(({ message }) => message);

  return {
    /** A new agent records a decision. */
    decide: (cwd: string, text: string) =>
      visit(cwd, (client) => client.call('decide', { topic: text, decision: text })),

    /** A new agent records a decision, and does something else before it goes. */
    decideWith: (cwd: string, text: string, work: () => void) =>
      visit(cwd, async (client) => {
        await client.call('decide', { topic: text, decision: text });
        work();
      }),

    /** A new agent asks for the decisions, twice. */
    find: (cwd: string): Promise<Found> =>
      visit(cwd, async (client) => {
        const first = await client.call<Answer>('get_decisions', { limit: 50 });
        const second = await client.call<Answer>('get_decisions', { limit: 50 });
        return {
          decisions: first.decisions.map(({ decision }) => decision).sort(),
          asked: [questions(first), questions(second)],
        };
      }),

    /** Runs `popstash projects …`. @returns its answer as JSON. @throws Error with stderr when it fails */
    async projects<T = Record<string, unknown>>(cwd: string, ...args: string[]): Promise<T> {
      const { code, stdout, stderr } = await runCommand(['projects', ...args, '--json'], { env, cwd });
      if (code !== 0) throw new Error(`popstash projects ${args.join(' ')} ended with ${code}: ${stderr}`);
      return JSON.parse(stdout) as T;
    },
  };
}
