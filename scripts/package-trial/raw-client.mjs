// @ts-check
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

/** Bound of a hang, in ms. */
const ANSWER_MS = 120_000;
/** Between two calls of which the first may be repeated, in ms. */
const RETRY_MS = 250;

/**
 * An MCP client of a few lines, without a library: it starts a command and speaks JSON-RPC over its stdio.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env: Record<string, string> }} options
 */
export async function openClient(command, args, options) {
  const child = spawn(command, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  /** @type {Map<number, { resolve(value: any): void, reject(error: Error): void }>} */
  const waiting = new Map();
  const fail = (/** @type {Error} */ error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  child.on('error', fail);
  child.on('exit', (code) => fail(new Error(`${command} ${args.join(' ')} ended with code ${code}: ${said}`)));
  child.stdin.on('error', fail);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line);
    const caller = waiting.get(message.id);
    if (!caller) return;
    waiting.delete(message.id);
    if (message.error) caller.reject(new Error(JSON.stringify(message.error)));
    else caller.resolve(message.result);
  });

  let last = 0;
  const send = (/** @type {object} */ message) =>
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const request = (/** @type {string} */ method, /** @type {object} */ params) => {
    const id = ++last;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to ${method}: ${said}`)), ANSWER_MS);
      const settle = (/** @type {(value: any) => void} */ act) => (/** @type {any} */ value) => {
        clearTimeout(timer);
        act(value);
      };
      waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
      send({ id, method, params });
    });
  };

  await request('initialize', {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'package-trial', version: '1' },
  });
  send({ method: 'notifications/initialized' });
  return {
    /**
     * @param {string} name of a tool
     * @param {object} parameters
     */
    async call(name, parameters) {
      for (const deadline = Date.now() + ANSWER_MS; ; ) {
        const result = /** @type {any} */ (await request('tools/call', { name, arguments: parameters }));
        if (!result.isError) return result.structuredContent;
        const text = result.content[0].text;
        // As an agent does: on a loaded machine the store may still be opening.
        if (!JSON.parse(text).retryable || Date.now() > deadline) throw new Error(`${name}: ${text}`);
        await pause(RETRY_MS);
      }
    },
    /** Ends as clients do: by the end of its input. */
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.stdin.end();
      await ended;
    },
  };
}
