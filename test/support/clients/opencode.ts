import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAIN } from '../setup/folders.js';
import type { ClientPackage } from './install-client.js';
import type { UserMachine } from './real-client.js';
import { runProgram } from './run-program.js';

export const OPENCODE: ClientPackage = { name: 'opencode-ai', version: '1.18.33', command: 'opencode' };

const NODE_PLATFORM = process.platform === 'win32' ? 'win' : process.platform;
/** A Node with SQLite, in which opencode keeps its history: as package, for where the tests run under an older one. */
export const NODE_WITH_SQLITE: ClientPackage = {
  name: `node-${NODE_PLATFORM}-${process.arch}`,
  version: '22.23.3',
  command: 'node',
};

/** opencode's own account of a session; a sub-agent has a session of its own. */
export interface OpencodeSession {
  id: string;
  cost: number;
  tokens: { input: number; output: number; reasoning: number; cache: { read: number; write: number } };
  /** Sessions of its sub-agents. */
  children: string[];
}

interface Exported {
  info: Omit<OpencodeSession, 'children'>;
  messages: { parts: { tool?: string; state?: { metadata?: { sessionId?: string } } }[] }[];
}

/**
 * Connects opencode to a scripted model and to PopStash, as its user would, and lets it create its database: two of its
 * processes that start at once on a new machine disturb each other.
 * @param node runs PopStash
 */
export async function configureOpencode(
  command: string,
  machine: UserMachine,
  modelUrl: string,
  node: string,
): Promise<void> {
  const { project, env } = machine;
  const popstash = {
    type: 'local',
    command: [node, MAIN, 'mcp'],
    environment: { POPSTASH_DATA_DIR: env.POPSTASH_DATA_DIR },
  };
  await writeOpencodeSettings(command, machine, modelUrl, { mcp: { popstash } });
  // opencode ends what it has started, the local server too; the next one would run in the Node of the tests.
  await runProgram({ command: node, args: [MAIN, 'up'], cwd: project, env });
}

/** Connects opencode to a scripted model, and lets it create its database. @param more of its settings */
export async function writeOpencodeSettings(
  command: string,
  machine: UserMachine,
  modelUrl: string,
  more: object = {},
): Promise<void> {
  const model = 'anthropic/claude-opus-4-5';
  writeFileSync(
    join(machine.project, 'opencode.json'),
    JSON.stringify({
      model,
      small_model: model,
      autoupdate: false,
      provider: { anthropic: { options: { baseURL: `${modelUrl}/v1`, apiKey: 'none' } } },
      ...more,
    }),
  );
  await run(command, machine, ['session', 'list']);
}

/** Runs `opencode run`. @returns its session */
export async function runOpencode(command: string, machine: UserMachine, ...args: string[]): Promise<string> {
  const stdout = await run(command, machine, ['run', '--format', 'json', ...args]);
  const session = /"sessionID":"(ses_\w+)"/.exec(stdout)?.[1];
  if (session === undefined) throw new Error(`opencode named no session:\n${stdout}`);
  return session;
}

/** What opencode says of a session. */
export async function exportSession(command: string, machine: UserMachine, id: string): Promise<OpencodeSession> {
  const { info, messages } = JSON.parse(await run(command, machine, ['export', id])) as Exported;
  const children = messages.flatMap(({ parts }) =>
    parts.flatMap(({ tool, state }) => (tool === 'task' ? (state?.metadata?.sessionId ?? []) : [])),
  );
  return { ...info, children };
}

function run(command: string, { home, project }: UserMachine, args: readonly string[]): Promise<string> {
  return runProgram({ command, args, cwd: project, env: { HOME: home } });
}
