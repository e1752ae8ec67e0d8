// @ts-check
// The demo's agents: real MCP clients over stdio.
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { bold, clip, dim, green, ms, say } from './terminal.mjs';

/** Of an answer that depends on a vector. */
const FOUND_WITHIN_MS = 30_000;

/**
 * @typedef {object} Agent
 * @property {string} name
 * @property {Client} mcp
 * @property {number | null} pid
 * @property {((progress: { message?: string | undefined }) => void) | undefined} [onProgress]
 */

/** @template T @param {() => Promise<T>} work @returns {Promise<[T, number]>} */
async function timed(work) {
  const start = performance.now();
  const value = await work();
  return [value, performance.now() - start];
}

/**
 * Starts `popstash mcp` as an editor would, and names the agent as the editor would.
 * @param {string} root @param {Record<string, string>} env
 */
export function createClients(root, env) {
  /** Clients to close, also when the demo fails half way. @type {Set<Client>} */
  const open = new Set();
  return {
    /** @param {string} name @returns {Promise<Agent>} */
    async connect(name) {
      const mcp = new Client({ name, version: '1.0.0' });
      const args = [join(root, 'dist', 'main.js'), 'mcp'];
      const transport = new StdioClientTransport({ command: process.execPath, args, env, stderr: 'inherit' });
      open.add(mcp);
      const [, took] = await timed(() => mcp.connect(transport));
      say(`  ${name} ${dim('starts: popstash mcp')}  ${dim(ms(took))}`);
      return { name, mcp, pid: transport.pid };
    },
    closeAll: () => Promise.all([...open].map((client) => client.close())),
  };
}

/** @param {Agent} agent @param {string} tool @param {Record<string, unknown>} args */
export function sayCall(agent, tool, args) {
  const shown = Object.entries(args).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  const label = agent.name.padEnd(11);
  say(`  ${green(label)} → ${bold(tool)} ${clip(shown.join(', '), 6 + label.length + tool.length)}`);
}

/**
 * The tool's structured answer and the time that it took.
 * @param {Agent} agent @param {string} tool @param {Record<string, unknown>} args
 * @param {Record<string, unknown>} [meta] `_meta` of the request
 * @returns {Promise<[any, number]>}
 */
export async function callSilently(agent, tool, args, meta) {
  const options = {
    /** @param {{ message?: string | undefined }} progress */
    onprogress: (progress) => agent.onProgress?.(progress),
  };
  const request = { name: tool, arguments: args, ...(meta && { _meta: meta }) };
  const [result, took] = await timed(() => agent.mcp.callTool(request, undefined, options));
  if (result.isError) throw new Error(`${tool} failed: ${JSON.stringify(result.content)}`);
  return [result.structuredContent, took];
}

/** @type {typeof callSilently} */
export async function call(agent, tool, args, meta) {
  sayCall(agent, tool, args);
  return await callSilently(agent, tool, args, meta);
}

/**
 * Asks again while the vector of what was just written is being computed.
 * @param {Agent} agent @param {string} tool @param {Record<string, unknown>} args @param {(answer: any) => boolean} found
 */
export async function callUntilFound(agent, tool, args, found) {
  const deadline = performance.now() + FOUND_WITHIN_MS;
  let [answered, took] = await call(agent, tool, args);
  while (!found(answered) && performance.now() < deadline) [answered, took] = await callSilently(agent, tool, args);
  return /** @type {[any, number]} */ ([answered, took]);
}
