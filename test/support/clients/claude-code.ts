import type { ClientPackage } from './install-client.js';
import { type ProgramRun, type RunningProgram, startProgram } from './run-program.js';

export const CLAUDE_CODE: ClientPackage = { name: '@anthropic-ai/claude-code', version: '2.1.328', command: 'claude' };

/** What Claude Code says of one run: its own account of the cost. */
export interface ClaudeResult {
  session_id: string;
  is_error: boolean;
  result: string;
  num_turns: number;
  total_cost_usd: number;
  modelUsage: Record<
    string,
    {
      inputTokens: number;
      outputTokens: number;
      cacheReadInputTokens: number;
      cacheCreationEphemeral5mInputTokens: number;
      cacheCreationEphemeral1hInputTokens: number;
      costUSD: number;
    }
  >;
}

export interface ClaudeRun {
  command: string;
  prompt: string;
  cwd: string;
  /** A home folder of its own. */
  home: string;
  /** Of the scripted model. */
  modelUrl: string;
  model?: string;
  /** The file that names its MCP servers, from `cwd`; null: the client finds them by itself. */
  servers?: string | null;
  /** Further arguments, such as `--resume ID`. */
  more?: readonly string[];
  env?: Readonly<Record<string, string | undefined>>;
}

const TOOLS = ['start_task', 'end_task', 'report_cost', 'insight', 'stash', 'pop', 'ping', 'who_is_working'];
const ALLOWED = [...TOOLS.map((tool) => `mcp__popstash__${tool}`), 'Read', 'Edit', 'Write', 'Bash', 'Agent'];

/** Runs `claude -p` with the project's own MCP servers and hooks. */
export async function runClaude(run: ClaudeRun): Promise<ClaudeResult> {
  return JSON.parse(await startClaude(run).finished) as ClaudeResult;
}

/** Starts the same, for a test that ends it by force. */
export function startClaude(run: ClaudeRun): RunningProgram {
  return startProgram(describeRun(run, ['-p', run.prompt, '--output-format', 'json']));
}

/** A window whose user types and interrupts: lines of JSON on stdin, as the client's SDK writes them. */
export function openClaude(run: ClaudeRun): { say(words: string): void; interrupt(): void; close(): Promise<string> } {
  const format = ['--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'];
  const { child, finished } = startProgram({ ...describeRun(run, ['-p', ...format]), hasInput: true });
  const send = (message: object) => void child.stdin?.write(`${JSON.stringify(message)}\n`);
  const say = (words: string) => send({ type: 'user', message: { role: 'user', content: words } });
  say(run.prompt);
  return {
    say,
    interrupt: () => send({ type: 'control_request', request_id: 'stop', request: { subtype: 'interrupt' } }),
    close: () => {
      child.stdin?.end();
      return finished;
    },
  };
}

function describeRun(run: ClaudeRun, args: string[]): ProgramRun {
  const { servers = '.mcp.json' } = run;
  return {
    command: run.command,
    args: [
      ...args,
      ...['--permission-mode', 'acceptEdits', '--model', run.model ?? 'claude-opus-4-5'],
      ...(servers === null ? [] : ['--mcp-config', servers]),
      ...['--allowedTools', ALLOWED.join(',')],
      ...(run.more ?? []),
    ],
    cwd: run.cwd,
    env: {
      HOME: run.home,
      ANTHROPIC_BASE_URL: run.modelUrl,
      ANTHROPIC_API_KEY: 'none',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      ...run.env,
    },
  };
}
