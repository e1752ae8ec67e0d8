// @ts-check
// Real MCP clients for benchmarks: the built front over stdio, or another server to compare it with.
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

/**
 * @param {string[]} args of node
 * @param {Record<string, string | undefined>} env
 */
export async function connect(args, env = process.env) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args,
    env: /** @type {Record<string, string>} */ ({ ...env }),
    stderr: 'inherit',
  });
  const mcp = new Client({ name: 'bench', version: '1' });
  await mcp.connect(transport);
  return {
    pid: transport.pid ?? -1,
    mcp,
    /**
     * @param {string} tool
     * @param {Record<string, unknown>} args
     */
    async call(tool, args = {}) {
      const result = await mcp.callTool({ name: tool, arguments: args });
      if (result.isError) throw new Error(`${tool}: ${JSON.stringify(result.content)}`);
      return /** @type {any} */ (result.structuredContent);
    },
    close: () => mcp.close(),
  };
}

/** The front process of the environment's mode: DATABASE_URL unset or empty means embedded. */
export function connectFront(env = process.env) {
  return connect([join(process.cwd(), 'dist', 'main.js'), 'mcp'], env);
}

/**
 * ms that `work` takes.
 * @param {() => Promise<unknown>} work
 */
export async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
