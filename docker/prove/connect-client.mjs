// A real MCP client on docker/mcp.sh, as a person's editor would start it.
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const script = join(dirname(fileURLToPath(import.meta.url)), '..', 'mcp.sh');

/** `close(signal)` ends the client's side with that signal, so that the front must notice by itself. */
export async function connectClient(environment) {
  const transport = new StdioClientTransport({ command: script, env: environment, stderr: 'inherit' });
  const client = new Client({ name: 'prove-compose', version: '1.0.0' });
  await client.connect(transport);
  return {
    client,
    close: async (signal) => {
      const { pid } = transport;
      if (pid) process.kill(pid, signal);
      await client.close();
    },
  };
}

/** Front processes in the mcp container; given an expected number, waits up to 10 s for it. */
export async function countFronts(stack, expected) {
  const script = `const fs = require('fs'); let fronts = 0;
    for (const pid of fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name))) {
      try { const args = fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8').split('\\0');
        if (args[0] === 'node' && args[2] === 'mcp') fronts += 1; } catch {}
    }
    console.log(fronts)`;
  for (let tries = 0; ; tries++) {
    const fronts = Number(await stack.exec('mcp', 'node', '-e', script));
    if (expected === undefined || fronts === expected || tries >= 20) return fronts;
    await sleep(500);
  }
}
