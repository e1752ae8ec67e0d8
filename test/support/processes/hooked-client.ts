import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { childEnvironment, defaultWorkFolder, type EnvironmentChange } from '../setup/environment.js';
import { MAIN } from '../setup/folders.js';
import { closeAtFileEnd } from '../setup/resources.js';

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface HookAnswer extends Finished {
  /** What the hook printed, parsed; null when it printed nothing. */
  // biome-ignore lint/suspicious/noExplicitAny: each client's own format
  said: any;
}

export interface HookedClient {
  agentId: string;
  /** By which texts name the agent. */
  agentName: string;
  /** Of this client, not of its `popstash mcp`. */
  pid: number;
  /** A tool's structured content. @throws Error with the answer's text when it is an error */
  call<T = Record<string, unknown>>(tool: string, args?: Record<string, unknown>, meta?: object): Promise<T>;
  /** The same by a subagent, as a client that names each call to its hooks and to the server. */
  callAs<T = Record<string, unknown>>(subagent: string, tool: string, args?: Record<string, unknown>): Promise<T>;
  /** Calls a tool and cancels the call: so many ms later, or after its answer. @param id of the request; the next one, if left out */
  cancel(tool: string, args: Record<string, unknown>, after: number | 'answer', id?: number): Promise<void>;
  /** Ends `popstash mcp` by SIGKILL; the client itself goes on. */
  killServer(): Promise<void>;
  /** Runs `popstash hook EVENT` as this client's child, with a payload of Claude Code's shape completed from `fields`. */
  hook(event: string, fields?: Record<string, unknown>, flags?: string): Promise<HookAnswer>;
  /** Asks before an edit of a file. */
  edit(file: string, fields?: Record<string, unknown>): Promise<HookAnswer>;
  /** A shell command, without hooks: what a person types into the client. */
  run(command: string, cwd?: string): Promise<Finished>;
  /** A shell command of the agent, with the hooks before and after it; what the command itself printed. */
  act(command: string, cwd?: string): Promise<Finished>;
  /** A shell command with the hooks before and after it; what the latter said. */
  bash(command: string, fields?: Record<string, unknown>): Promise<HookAnswer>;
  close(): Promise<void>;
}

export interface HookedClientOptions {
  env?: EnvironmentChange;
  cwd?: string;
  name?: string;
  /** The client's own name of its session. */
  session?: string;
  /** False: a client without `popstash mcp`, whose hooks act for nobody. */
  connected?: boolean;
  main?: string;
}

let count = 0;

/** Spawns a client that starts `popstash mcp`, hooks and commands as its own children; ended at the file's end. */
export async function startHookedClient(options: HookedClientOptions = {}): Promise<HookedClient> {
  const { name = 'claude-code', connected = true, cwd = defaultWorkFolder(), main = MAIN } = options;
  count += 1;
  const session = options.session ?? `session-${process.pid}-${count}`;
  const script = join(import.meta.dirname, 'hooked-client.mjs');
  const child = spawn(process.execPath, [script, main, name, connected ? 'yes' : 'no'], {
    cwd,
    env: childEnvironment(options.env),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const waiting = new Map<number, (result: unknown) => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, result } = JSON.parse(line);
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  let last = 0;
  let calls = 0;

  function order<T>(what: Record<string, unknown>): Promise<T> {
    last += 1;
    const id = last;
    child.stdin.write(`${JSON.stringify({ id, ...what })}\n`);
    return new Promise((resolve) => waiting.set(id, resolve as (result: unknown) => void));
  }

  async function close(): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) child.stdin.end();
    await exited;
  }
  closeAtFileEnd(`client ${name}`, close);

  async function call<T>(tool: string, args: Record<string, unknown> = {}, meta?: object): Promise<T> {
    const result = await order<CallToolResult>({ do: 'call', tool, args, meta });
    if (result.isError) throw new Error(`${tool}: ${JSON.stringify(result.content)}`);
    return result.structuredContent as T;
  }

  async function hook(event: string, fields: Record<string, unknown> = {}, flags = ''): Promise<HookAnswer> {
    const payload = { session_id: session, cwd, hook_event_name: EVENT_NAMES[event], ...fields };
    const command = `"${process.execPath}" "${main}" hook ${event} ${flags}`;
    const finished = await order<Finished>({ do: 'run', command, input: JSON.stringify(payload) });
    return { ...finished, said: finished.stdout === '' ? null : JSON.parse(finished.stdout) };
  }

  function tool(tool_name: string, tool_input: object, fields: Record<string, unknown>): Record<string, unknown> {
    calls += 1;
    return { tool_name, tool_input, tool_use_id: `toolu_${calls}`, ...fields };
  }

  /** It has a name a moment after its client has connected. */
  async function findAgent(): Promise<{ agent_id: string; name: string }> {
    for (;;) {
      const { agent_id, name } = await call<{ agent_id: string; name?: string }>('ping');
      if (name !== undefined) return { agent_id, name };
    }
  }

  if (connected) await order({ do: 'connect' });
  const { agent_id: agentId, name: agentName } = connected ? await findAgent() : { agent_id: '', name: '' };
  return {
    agentId,
    agentName,
    pid: child.pid ?? -1,
    call,
    async callAs(subagent, called, args = {}) {
      const as = { agent_id: subagent, agent_type: 'Explore' };
      const use = tool(`mcp__popstash__${called}`, args, as);
      await hook('pre-tool-use', use);
      return await call(called, args, { 'claudecode/toolUseId': use.tool_use_id });
    },
    async cancel(called, args, after, requestId) {
      await order({ do: 'cancel', tool: called, args, after, requestId });
    },
    async killServer() {
      await order({ do: 'kill' });
    },
    hook,
    edit: (file, fields = {}) => hook('pre-tool-use', tool('Edit', { file_path: file }, fields)),
    run: (command, folder) => order<Finished>({ do: 'run', command, input: '', cwd: folder }),
    async act(command, folder) {
      const use = tool('Bash', { command }, {});
      await hook('pre-tool-use', use);
      const finished = await order<Finished>({ do: 'run', command, input: '', cwd: folder });
      await hook('post-tool-use', { ...use, hook_event_name: 'PostToolUse' });
      return finished;
    },
    async bash(command, fields = {}) {
      const use = tool('Bash', { command }, fields);
      await hook('pre-tool-use', use);
      const { code } = await order<Finished>({ do: 'run', command, input: '' });
      return hook('post-tool-use', { ...use, hook_event_name: code === 0 ? 'PostToolUse' : 'PostToolUseFailure' });
    },
    close,
  };
}

const EVENT_NAMES: Readonly<Record<string, string>> = {
  'pre-tool-use': 'PreToolUse',
  'post-tool-use': 'PostToolUse',
  'session-start': 'SessionStart',
  'session-end': 'SessionEnd',
  'prompt-submit': 'UserPromptSubmit',
  stop: 'Stop',
  'subagent-stop': 'SubagentStop',
};
