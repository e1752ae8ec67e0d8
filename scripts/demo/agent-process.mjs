// @ts-check
// A client as PopStash's hooks see one: one process that starts `popstash mcp` and its hooks as its children. Driven by lines
// of JSON on stdin, each answered by one on stdout: {tool, args} calls a tool, {hook, input} runs the command of a hook,
// {shell} a command of the agent's own.
import { spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const [main = '', name = ''] = process.argv.slice(2);
const env = /** @type {Record<string, string>} */ ({ ...process.env });
const mcp = new Client({ name, version: '1.0.0' });
await mcp.connect(new StdioClientTransport({ command: process.execPath, args: [main, 'mcp'], env, stderr: 'inherit' }));

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await carryOut(JSON.parse(line));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await mcp.close();

/** @param {{ tool?: string, args?: Record<string, unknown>, hook?: string, input?: object, shell?: string }} order */
async function carryOut({ tool, args, hook, input, shell }) {
  if (shell !== undefined) {
    const { stdout, stderr, status } = spawnSync(shell, { shell: true, encoding: 'utf8' });
    return { stdout, stderr, status };
  }
  if (tool !== undefined) return (await mcp.callTool({ name: tool, arguments: args ?? {} })).structuredContent ?? null;
  const { stdout } = spawnSync(hook ?? '', { shell: true, input: JSON.stringify(input), encoding: 'utf8' });
  return stdout === '' ? null : JSON.parse(stdout);
}
