// A client as hooks see one: a process that starts `popstash mcp`, hooks and shell commands as its children. Driven by
// JSON lines on stdin ({id, do, ...}), each answered by one on stdout; see hooked-client.ts.
// @ts-check
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const [main = '', name = '', withServer = ''] = process.argv.slice(2);
/** @type {Map<number, (message: any) => void>} */
const waiting = new Map();
let last = 0;

const server = withServer === 'yes' ? startServer() : null;
for await (const line of createInterface({ input: process.stdin })) void answer(JSON.parse(line));
server?.stdin.end();
// An agent that is left alone ends with its pipe.
server?.unref();

function startServer() {
  const child = spawn(process.execPath, [main, 'mcp'], { stdio: ['pipe', 'pipe', 'inherit'] });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line);
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  });
  return child;
}

/**
 * @param {string} method
 * @param {object} params
 * @param {number} [id]
 */
function request(method, params, id = ++last) {
  server?.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
  return new Promise((resolve) => waiting.set(id, resolve));
}

/**
 * @param {{ id: number, do: string, tool: string, args: object, meta?: object, after?: number | 'answer', requestId?: number, command: string,
 *   input: string, cwd: string }} order
 */
async function answer(order) {
  const result = await carryOut(order);
  process.stdout.write(`${JSON.stringify({ id: order.id, result })}\n`);
}

/** @param {Parameters<typeof answer>[0]} order */
async function carryOut(order) {
  switch (order.do) {
    case 'connect': {
      const clientInfo = { name, version: '0' };
      await request('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
      server?.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
      return { pid: server?.pid };
    }
    case 'call':
      return (await request('tools/call', { name: order.tool, arguments: order.args, _meta: order.meta })).result;
    case 'cancel': {
      // The call, and that it is cancelled: at once, after a while, or when it has been answered.
      const requestId = order.requestId ?? last + 1;
      const answered = request('tools/call', { name: order.tool, arguments: order.args }, order.requestId);
      if (order.after === 'answer') await answered;
      else if (order.after) await new Promise((resolve) => setTimeout(resolve, Number(order.after)));
      const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId, reason: 'Esc' } };
      server?.stdin.write(`${JSON.stringify(cancelled)}\n`);
      return {};
    }
    case 'kill':
      server?.kill('SIGKILL');
      return {};
    default:
      return await run(order.command, order.input, order.cwd);
  }
}

/**
 * As clients do it: by a shell.
 * @param {string} command
 * @param {string} input
 * @param {string | undefined} cwd
 */
function run(command, input, cwd) {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', command], { cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
