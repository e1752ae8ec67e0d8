import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Environment, setVariables } from '../../config.js';
import { clients } from '../clients/client-list.js';
import type { Check } from './check-types.js';

/** The project of the proof: the same each time, and no project of the user's. */
const PROOF_PROJECT = 'popstash-doctor';
const FILE = 'held.txt';
const TIMEOUT_MS = 30_000;

/**
 * A client with an agent of its own: starts `popstash mcp`, then a hook, and prints what the hook printed.
 * Arguments: this program's script, and the payload of the hook.
 */
const CHALLENGER = `
const { spawn, spawnSync } = require('node:child_process');
const [main, input] = process.argv.slice(1);
const server = spawn(process.execPath, [main, 'mcp'], { stdio: ['pipe', 'pipe', 'ignore'] });
const say = (message) => server.stdin.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
let text = '';
server.stdout.on('data', (chunk) => {
  text += chunk;
  if (text.includes('"id":1') && !text.includes('"id":2') && !say.sent) {
    say.sent = true;
    say({ method: 'notifications/initialized' });
    say({ id: 2, method: 'tools/call', params: { name: 'start_task', arguments: { task: 'challenge' } } });
  }
  if (!text.includes('"id":2')) return;
  server.stdout.removeAllListeners('data');
  const hook = spawnSync(process.execPath, [main, 'hook', 'pre-tool-use'], { input, encoding: 'utf8' });
  process.stdout.write(hook.stdout);
  process.stderr.write(hook.stderr);
  server.stdin.end();
});
say({ id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {},
  clientInfo: { name: 'popstash-doctor-challenger', version: '0' } } });
`;

/** Lets one scratch agent hold a file and the hook of another one ask for it: real processes, a scratch project. */
export async function proveDeny(env: Environment, script: string): Promise<Check> {
  const name = 'deny';
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'popstash-doctor-')));
  const main = realpathSync(script);
  const folderVariables = clients.map(({ folderVariable = '' }) => [folderVariable, undefined]);
  const scratch = { ...env, POPSTASH_PROJECT: PROOF_PROJECT, ...Object.fromEntries(folderVariables) };
  const childEnv = setVariables(scratch);
  try {
    const { client, agentId } = await holdFile(main, folder, childEnv);
    try {
      const { stdout, stderr } = await challenge(main, folder, childEnv);
      if (isDenial(stdout, agentId)) {
        return { name, state: 'ok', detail: 'a hook asked for a file that another agent held, and was denied' };
      }
      const said = stdout.trim() || stderr.trim() || 'nothing';
      const fix = 'Look into the log (server.log in the data folder) and report this with it.';
      return { name, state: 'broken', detail: `the edit of a held file was not denied; the hook said: ${said}`, fix };
    } finally {
      await client.close();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      name,
      state: 'broken',
      detail: `the proof could not be made: ${reason}`,
      fix: 'Repair first what is broken above.',
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function holdFile(main: string, cwd: string, env: Record<string, string>) {
  const [{ Client }, { StdioClientTransport }] = await Promise.all([
    import('@modelcontextprotocol/sdk/client/index.js'),
    import('@modelcontextprotocol/sdk/client/stdio.js'),
  ]);
  const client = new Client({ name: 'popstash-doctor-holder', version: '0' });
  const server = { command: process.execPath, args: [main, 'mcp'], cwd, env, stderr: 'ignore' } as const;
  await client.connect(new StdioClientTransport({ ...server, args: [...server.args] }));
  const task = { task: 'Prove that a held file is denied', files: [FILE] };
  const answer = await client.callTool({ name: 'start_task', arguments: task }, undefined, { timeout: TIMEOUT_MS });
  if (answer.isError) throw new Error(JSON.stringify(answer.content));
  const { agent_id: agentId } = answer.structuredContent as { agent_id: string };
  return { client, agentId };
}

function challenge(
  main: string,
  cwd: string,
  env: Record<string, string>,
): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const payload = JSON.stringify(clients[0].samplePayload(join(cwd, FILE), cwd, `doctor-${process.pid}`));
    const child = spawn(process.execPath, ['-e', CHALLENGER, main, payload], { cwd, env, timeout: TIMEOUT_MS });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', () => resolve({ stdout, stderr }));
  });
}

/** Whether a hook printed a denial in its client's own format, with a message that names the holder. */
function isDenial(stdout: string, holder: string): boolean {
  let message: string | undefined;
  try {
    JSON.parse(stdout, (_key, value: unknown) => {
      if (typeof value === 'string' && value.includes(holder)) message = value;
      return value;
    });
  } catch {
    return false;
  }
  if (message === undefined) return false;
  const verdict = { popstash: 'verdict', decision: 'deny', message } as const;
  // The sample payload's event has the client's own name for it.
  const [eventName] = clients[0].hooks.filter(({ event }) => event === 'pre-tool-use').map(({ name }) => name);
  return clients[0].writeVerdict('pre-tool-use', eventName, verdict).stdout === stdout;
}
