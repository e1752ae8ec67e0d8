// @ts-check
// An MCP connection by hand, over any pair of streams: a client whose own work does not count in a measurement.
import { createInterface } from 'node:readline';

/**
 * Initializes an MCP connection and waits until its agent is known.
 * @param {import('node:stream').Writable} input
 * @param {import('node:stream').Readable} output
 */
export async function connectRaw(input, output) {
  /** @type {Map<number, (message: unknown) => void>} */
  const waiting = new Map();
  let last = 0;
  createInterface({ input: output }).on('line', (line) => {
    const message = JSON.parse(line);
    waiting.get(message.id)?.(message);
  });
  /** @type {(method: string, params: object) => Promise<unknown>} */
  const call = (method, params) => {
    last += 1;
    const id = last;
    input.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    return new Promise((resolve) => waiting.set(id, resolve));
  };
  const clientInfo = { name: 'bench', version: '0' };
  await call('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
  input.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
  await call('tools/call', { name: 'start_task', arguments: { task: 'Measure' } });
  return call;
}
