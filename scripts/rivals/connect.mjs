// @ts-check
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

/** Bounds a hang, in ms. */
const READY_MS = 120_000;
/** Between two calls of which the first may be repeated, in ms. */
const RETRY_MS = 250;

/**
 * @typedef {object} Connected
 * @property {number} pid of the server that the client has started
 * @property {(tool: string, args?: Record<string, unknown>) => Promise<any>} call the structured answer, else its text
 * @property {() => Promise<void>} close ends stdin, as a client that leaves does
 * @property {() => Promise<void>} kill SIGKILL; resolves when the process is gone
 */

/**
 * A client as agents have it: one process of the server, on stdio.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env: Record<string, string> }} options
 * @returns {Promise<Connected>}
 */
export async function connect(command, args, { cwd, env }) {
  const transport = new StdioClientTransport({ command, args: [...args], cwd, env, stderr: 'ignore' });
  const mcp = new Client({ name: 'comparison', version: '1' });
  await mcp.connect(transport);
  const pid = transport.pid ?? -1;
  return {
    pid,
    async call(tool, parameters = {}) {
      for (const deadline = Date.now() + READY_MS; ; ) {
        const result = /** @type {any} */ (await mcp.callTool({ name: tool, arguments: parameters }));
        const text = (result.content ?? []).map((/** @type {any} */ part) => part.text ?? '').join('\n');
        if (!result.isError) return result.structuredContent ?? parse(text);
        // As an agent does that is told to call again: a store may still be opening.
        if (parse(text).retryable !== true || Date.now() > deadline) throw new Error(`${tool}: ${text}`);
        await pause(RETRY_MS);
      }
    },
    close: () => mcp.close(),
    async kill() {
      const ended = once(mcpEnd(mcp), 'end');
      process.kill(pid, 'SIGKILL');
      await ended;
    },
  };
}

/** @param {Client} mcp */
function mcpEnd(mcp) {
  const end = new EventTarget();
  mcp.onclose = () => end.dispatchEvent(new Event('end'));
  return end;
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
