import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { clients } from '../clients/client-list.js';
import type { ServerEntry } from '../definition/client-files.js';

/** The project of the proof: the same each time, and no project of the user's. */
const PROOF_PROJECT = 'popstash-doctor';
const TIMEOUT_MS = 30_000;
/** Name of the client whose agent holds the file. */
const HOLDER = 'popstash-doctor-holder';

export interface Challenge {
  /** How the client starts its MCP server. */
  server: ServerEntry;
  /** The command that must refuse, for a shell. */
  command: string;
  /** What the command reads on stdin. @param file the held one, absolute */
  input: (file: string) => string;
  /** The folder that client and command run in. */
  folder: string;
  /** Of the held file, below the folder; a new name when left out. It need not exist. */
  file?: string;
  /** The environment that the client gives its servers and hooks. */
  env: Record<string, string>;
}

export interface ChallengeAnswer {
  stdout: string;
  stderr: string;
  code: number | null;
  /** What the command took, in ms. */
  ms: number;
  /** How every denial words the agent that held the file, up to its client. */
  holder: string;
}

/**
 * A client with an agent of its own: starts its server, then the command, and prints what the command did. It reads its
 * orders on stdin, since a command line may be too short for them.
 */
const CHALLENGER = `
const { spawn, spawnSync } = require('node:child_process');
const { server, command, input, cwd, env } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
const child = spawn(server.command, server.args, { stdio: ['pipe', 'pipe', 'ignore'], cwd, shell: process.platform === 'win32' });
const say = (message) => child.stdin.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
let text = '';
child.stdout.on('data', (chunk) => {
  text += chunk;
  if (text.includes('"id":1') && !say.sent) {
    say.sent = true;
    say({ method: 'notifications/initialized' });
    say({ id: 2, method: 'tools/call', params: { name: 'start_task', arguments: { task: 'challenge' } } });
  }
  if (!text.includes('"id":2')) return;
  child.stdout.removeAllListeners('data');
  const start = performance.now();
  const { stdout, stderr, status } = spawnSync(command, { input, encoding: 'utf8', shell: true, cwd, env });
  process.stdout.write(JSON.stringify({ stdout, stderr, code: status, ms: performance.now() - start }));
  child.stdin.end();
});
say({ id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {},
  clientInfo: { name: 'popstash-doctor-challenger', version: '0' } } });
`;

/**
 * Lets one agent hold a file, and another agent's client run a command about it: real processes, in a project of its own
 * unless the client's files name one.
 * @throws Error when a process could not be started or did not answer
 */
export async function challengeHook(challenge: Challenge): Promise<ChallengeAnswer> {
  const { server, folder, file = `.popstash-doctor-${randomUUID()}` } = challenge;
  const { agents, hook } = chooseEnvironments(challenge);
  const held = `${folder}/${file}`;
  const { client, holder } = await holdFile(server, folder, held, agents);
  try {
    return { ...(await runChallenger(challenge, held, agents, hook)), holder };
  } finally {
    await client.close();
  }
}

/** Of the servers, which get what the client's entry says besides, and of the command, which does not. */
function chooseEnvironments({ env, server, command }: Challenge) {
  const isNamed = server.env?.POPSTASH_PROJECT !== undefined || / --project[ =]/.test(command);
  const { POPSTASH_PROJECT: _own, ...bare } = env;
  const hook = isNamed ? bare : { ...bare, POPSTASH_PROJECT: PROOF_PROJECT };
  const variables = new Set(clients.map(({ folderVariable }) => folderVariable));
  const agents = Object.entries({ ...hook, ...server.env }).filter(([name]) => !variables.has(name));
  return { agents: Object.fromEntries(agents), hook };
}

async function holdFile(server: ServerEntry, cwd: string, file: string, env: Record<string, string>) {
  const [{ Client }, { StdioClientTransport }] = await Promise.all([
    import('@modelcontextprotocol/sdk/client/index.js'),
    import('@modelcontextprotocol/sdk/client/stdio.js'),
  ]);
  const client = new Client({ name: HOLDER, version: '0' });
  const { command, args } = server;
  await client.connect(new StdioClientTransport({ command, args, cwd, env, stderr: 'ignore' }));
  const task = { task: 'Prove that a held file is denied', files: [file] };
  const answer = await client.callTool({ name: 'start_task', arguments: task }, undefined, { timeout: TIMEOUT_MS });
  if (answer.isError) throw new Error(JSON.stringify(answer.content));
  const { name } = answer.structuredContent as { name: string };
  return { client, holder: `${name} (${HOLDER}` };
}

function runChallenger(
  { server, command, input, folder }: Challenge,
  file: string,
  env: Record<string, string>,
  hookEnv: Record<string, string>,
): Promise<Omit<ChallengeAnswer, 'holder'>> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['-e', CHALLENGER], { cwd: folder, env, timeout: TIMEOUT_MS });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.stdin.on('error', reject);
    child.on('close', () => {
      try {
        resolve(JSON.parse(stdout));
      } catch {
        reject(new Error(stderr.trim() || 'the client of the proof gave no answer'));
      }
    });
    child.stdin.end(JSON.stringify({ server, command, input: input(file), cwd: folder, env: hookEnv }));
  });
}
