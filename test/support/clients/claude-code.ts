import type { ClientPackage } from './install-client.js';
import { runProgram } from './run-program.js';

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
  /** Further arguments, such as `--resume ID`. */
  more?: readonly string[];
  env?: Readonly<Record<string, string | undefined>>;
}

const ALLOWED = ['start_task', 'end_task', 'report_cost', 'insight', 'stash', 'pop'].map(
  (tool) => `mcp__popstash__${tool}`,
);

/** Runs `claude -p` with the project's own MCP servers and hooks. */
export async function runClaude(run: ClaudeRun): Promise<ClaudeResult> {
  const args = [
    ...['-p', run.prompt, '--output-format', 'json', '--permission-mode', 'acceptEdits', '--mcp-config', '.mcp.json'],
    ...['--model', run.model ?? 'claude-opus-4-5'],
    ...['--allowedTools', [...ALLOWED, 'Read', 'Edit', 'Write', 'Bash', 'Agent'].join(',')],
    ...(run.more ?? []),
  ];
  const stdout = await runProgram({
    command: run.command,
    args,
    cwd: run.cwd,
    env: {
      HOME: run.home,
      ANTHROPIC_BASE_URL: run.modelUrl,
      ANTHROPIC_API_KEY: 'none',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      ...run.env,
    },
  });
  return JSON.parse(stdout) as ClaudeResult;
}
