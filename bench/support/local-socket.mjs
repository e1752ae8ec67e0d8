// @ts-check
// A client of the local server without a bridge: a connection to its socket, and as little work of its own as possible.
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';
import { chooseSocketPath } from '../../src/ipc/socket-path.js';

/**
 * @param {Record<string, string | undefined>} env leads to the server
 * @param {string} name of the client
 */
export async function connectSocket(env, name) {
  const socket = createConnection(chooseSocketPath(env.POPSTASH_DATA_DIR ?? ''));
  await once(socket, 'connect');
  /** @type {Map<number, (message: any) => void>} */
  const waiting = new Map();
  const lines = createInterface({ input: socket });
  lines.on('line', (line) => {
    const message = JSON.parse(line);
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  });
  const say = (/** @type {object} */ message) => socket.write(`${JSON.stringify(message)}\n`);
  say({
    popstash: 'hello',
    version: '0.1.0',
    pid: process.pid,
    bridge: `${name}-${Math.random()}`,
    cwd: process.cwd(),
  });
  await once(lines, 'line');
  let last = 0;
  /** @type {(method: string, params: object) => Promise<any>} */
  const request = (method, params) => {
    last += 1;
    say({ jsonrpc: '2.0', id: last, method, params });
    return new Promise((resolve) => waiting.set(last, resolve));
  };
  const clientInfo = { name, version: '0' };
  await request('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
  say({ jsonrpc: '2.0', method: 'notifications/initialized' });
  return {
    /**
     * The structured answer to a tool call; an error's code as `{ code }`.
     * @param {string} tool
     * @param {object} args
     */
    async call(tool, args = {}) {
      const { result, error } = await request('tools/call', { name: tool, arguments: args });
      if (error) return { code: String(error.code) };
      return result.isError ? JSON.parse(result.content[0].text) : result.structuredContent;
    },
    close: () => socket.destroy(),
  };
}
