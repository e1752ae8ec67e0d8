import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { childEnvironment, defaultWorkFolder, type EnvironmentChange } from '../setup/environment.js';
import { MAIN } from '../setup/folders.js';
import { closeAtFileEnd } from '../setup/resources.js';
import { waitUntil } from '../setup/wait-until.js';

export interface LineMessage {
  id?: string | number | null;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown> & {
    isError?: boolean;
    structuredContent?: Record<string, unknown>;
    content?: { text: string }[];
  };
  error?: { code: number; message: string; data?: Record<string, unknown> };
}

export interface LineClient {
  pid: number;
  /** All that came, in order; the answers to a batch are one list. */
  received: (LineMessage | LineMessage[])[];
  write(bytes: string | Buffer): void;
  /** Sends a request of the modern era and returns its answer. */
  ask(method: string, params?: Record<string, unknown>, meta?: Record<string, unknown>): Promise<LineMessage>;
  /** Calls a tool in the modern era. @throws Error with the text of a failed call */
  call<T = Record<string, unknown>>(tool: string, args?: Record<string, unknown>): Promise<T>;
  notifications(method: string): LineMessage[];
  kill(signal: NodeJS.Signals): void;
  /** Ends stdin. Resolves with the exit code. */
  end(): Promise<number | null>;
}

export const MODERN = '2026-07-28';

/** What each request of the modern era says of itself. */
export function envelope(version = MODERN, name = 'line-client'): Record<string, unknown> {
  return {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientInfo': { name, version: '0' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
}

/** Spawns `popstash mcp` and speaks lines to it: whatever the SDK's clients would not send. */
export function openLineClient(env: EnvironmentChange = {}, cwd = defaultWorkFolder()): LineClient {
  const child = spawn(process.execPath, [MAIN, 'mcp'], {
    cwd,
    env: childEnvironment(env),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const received: LineClient['received'] = [];
  const exited = once(child, 'close').then(([code]) => code as number | null);
  let ids = 0;
  child.stdin.on('error', () => undefined);
  createInterface(child.stdout).on('line', (line) => received.push(JSON.parse(line) as LineMessage));
  const singles = () => received.filter((one): one is LineMessage => !Array.isArray(one));
  const end = () => {
    child.stdin.end();
    return exited;
  };
  closeAtFileEnd('popstash mcp', async () => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await end();
    clearTimeout(timer);
  });

  async function ask(method: string, params = {}, meta = {}): Promise<LineMessage> {
    ids += 1;
    const id = `ask-${ids}`;
    const request = { jsonrpc: '2.0', id, method, params: { ...params, _meta: { ...envelope(), ...meta } } };
    child.stdin.write(`${JSON.stringify(request)}\n`);
    return await waitUntil(() => singles().find((one) => one.id === id), `the answer to ${method}`);
  }

  return {
    pid: child.pid ?? -1,
    received,
    write: (bytes) => void child.stdin.write(bytes),
    ask,
    async call<T>(tool: string, args: Record<string, unknown> = {}): Promise<T> {
      const { result, error } = await ask('tools/call', { name: tool, arguments: args });
      if (error || result?.isError) throw new Error(error?.message ?? result?.content?.[0]?.text);
      return result?.structuredContent as T;
    },
    notifications: (method) => singles().filter((one) => one.method === method),
    kill: (signal) => void child.kill(signal),
    end,
  };
}
