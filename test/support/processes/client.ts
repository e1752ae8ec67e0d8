import { pathToFileURL } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { type CallToolResult, ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { childEnvironment, defaultWorkFolder, type EnvironmentChange } from '../setup/environment.js';
import { MAIN } from '../setup/folders.js';
import { closeAtFileEnd } from '../setup/resources.js';

export interface ConnectOptions {
  env?: EnvironmentChange;
  /** After `mcp`. */
  args?: readonly string[];
  /** The folder the agent works in, which names its project; one of this file's own by default. */
  cwd?: string;
  clientName?: string;
  /** Folders that the client tells the server when it asks for its roots; without them it has no roots. */
  roots?: readonly string[];
  /** Another build's main.js. */
  main?: string;
}

/** An `isError` result, as the server stated it. */
export class ToolCallError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly fix: string,
    readonly retryable: boolean,
  ) {
    super(message);
    this.name = 'ToolCallError';
  }
}

export interface TestClient {
  /** For whatever the helpers below do not cover: listTools, readResource, … */
  mcp: Client;
  /** Of the process that this client spawned: the front process, or the bridge. */
  pid: number;
  /** The structured content of a tool's answer. @throws ToolCallError when the answer is an error. */
  call<T = Record<string, unknown>>(tool: string, args?: Record<string, unknown>): Promise<T>;
  /** The whole answer, error or not. */
  callRaw(tool: string, args?: Record<string, unknown>): Promise<CallToolResult>;
  /** All of the process's stderr so far. */
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
  /** Ends stdin, as a client that leaves does. */
  close(): Promise<void>;
}

/**
 * Spawns `popstash mcp` and connects a real MCP client over stdio; closed at the file's end at the latest.
 * A line on stdout that is no JSON-RPC message fails the file.
 */
export async function connectClient(options: ConnectOptions = {}): Promise<TestClient> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [options.main ?? MAIN, 'mcp', ...(options.args ?? [])],
    env: childEnvironment(options.env),
    cwd: options.cwd ?? defaultWorkFolder(),
    stderr: 'pipe',
  });
  let stderr = '';
  transport.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
  });
  const { roots } = options;
  const capabilities = roots ? { roots: {} } : {};
  const mcp = new Client({ name: options.clientName ?? 'test', version: '0' }, { capabilities });
  if (roots) {
    const listed = roots.map((folder) => ({ uri: pathToFileURL(folder).href }));
    mcp.setRequestHandler(ListRootsRequestSchema, () => ({ roots: listed }));
  }
  const impurities: Error[] = [];
  mcp.onerror = (error) => {
    if (error instanceof SyntaxError || error.name === 'ZodError') impurities.push(error);
  };
  const close = () => mcp.close();
  closeAtFileEnd('popstash mcp', async () => {
    await close();
    if (impurities.length > 0) throw new AggregateError(impurities, 'stdout carried something besides the protocol');
  });
  try {
    await mcp.connect(transport);
  } catch (error) {
    throw new Error(`popstash mcp did not answer initialize; its stderr:\n${stderr}`, { cause: error });
  }
  const pid = transport.pid ?? -1;

  async function callRaw(tool: string, args: Record<string, unknown> = {}): Promise<CallToolResult> {
    return (await mcp.callTool({ name: tool, arguments: args })) as CallToolResult;
  }

  async function call<T>(tool: string, args: Record<string, unknown> = {}): Promise<T> {
    const result = await callRaw(tool, args);
    if (result.isError) throw toolCallError(tool, result);
    return result.structuredContent as T;
  }

  return { mcp, pid, call, callRaw, close, stderr: () => stderr, kill: (signal) => void process.kill(pid, signal) };
}

function toolCallError(tool: string, result: CallToolResult): Error {
  const text = result.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
  const facts = (result.structuredContent ?? parseObject(text)) as Record<string, unknown> | undefined;
  if (typeof facts?.code !== 'string') return new Error(`${tool} failed without a code: ${text}`);
  return new ToolCallError(facts.code, String(facts.message), String(facts.fix), facts.retryable === true);
}

function parseObject(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
