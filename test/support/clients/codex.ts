import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAIN } from '../setup/folders.js';
import type { ClientPackage } from './install-client.js';
import type { UserMachine } from './real-client.js';
import { runProgram } from './run-program.js';

export const CODEX: ClientPackage = { name: '@openai/codex', version: '0.171.0', command: 'codex' };

/** What Codex says at the end of a turn: the sums of its thread so far. Input includes what was cached. */
export interface CodexUsage {
  input_tokens: number;
  cached_input_tokens: number;
  output_tokens: number;
  reasoning_output_tokens: number;
}

export interface CodexResult {
  thread: string;
  usage: CodexUsage;
}

/** Connects Codex to a scripted model and to PopStash, as its user would. */
export function configureCodex(machine: UserMachine, modelUrl: string): void {
  const { env } = machine;
  const server = `
[mcp_servers.popstash]
command = "${process.execPath}"
args = ["${MAIN}", "mcp"]
env = { POPSTASH_DATA_DIR = "${env.POPSTASH_DATA_DIR}" }
`;
  writeCodexSettings(machine, modelUrl, server);
}

/** Connects Codex to a scripted model, in a project that its user trusts. @param more of its settings */
export function writeCodexSettings({ home, project }: UserMachine, modelUrl: string, more = ''): void {
  mkdirSync(join(home, '.codex'), { recursive: true });
  writeFileSync(
    join(home, '.codex', 'config.toml'),
    `model = "gpt-5.3-codex"
model_provider = "scripted"
approval_policy = "never"
sandbox_mode = "workspace-write"

[model_providers.scripted]
name = "scripted"
base_url = "${modelUrl}/v1"
wire_api = "responses"
env_key = "MODEL_KEY"

${more}
[projects."${project}"]
trust_level = "trusted"
`,
  );
}

/** Runs `codex exec`. @param options `resume`: the thread that goes on; `more`: further arguments */
export async function runCodex(
  command: string,
  { home, project }: UserMachine,
  prompt: string,
  { resume, more = [] }: { resume?: string; more?: readonly string[] } = {},
): Promise<CodexResult> {
  const resumed = resume === undefined ? [] : ['resume', resume];
  const args = ['exec', ...resumed, '--skip-git-repo-check', '--json', ...more, prompt];
  const stdout = await runProgram({ command, args, cwd: project, env: { HOME: home, MODEL_KEY: 'none' } });
  const events = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { type: string; thread_id?: string; usage?: CodexUsage });
  const thread = events.find(({ type }) => type === 'thread.started')?.thread_id ?? resume;
  const usage = events.findLast(({ type }) => type === 'turn.completed')?.usage;
  if (thread === undefined || usage === undefined) throw new Error(`Codex did not finish its turn:\n${stdout}`);
  return { thread, usage };
}
