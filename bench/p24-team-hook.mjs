// @ts-check
// P24: an edit hook of a team's member, from spawn to its end with the verdict, beside the same hook of a front of server mode and
// `node -e 0`, alternating: of a file that the agent holds and of one that another agent holds; and a hook that no agent's
// process answers, so that it asks the team's server by a process of its own. Tool calls, by HTTP and by a front.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { connectRaw } from './support/raw-connection.mjs';
import { interleave, median, percentile, report } from './support/report.mjs';

const ROUNDS = 30;
const CALLS = 200;
const MAIN = resolve('dist/main.js');
const HOOK = resolve('dist/hook.cjs');
const folders = ['ps-p24-', 'ps-front-', 'ps-member-', 'ps-alone-'].map((name) => mkdtempSync(join(tmpdir(), name)));
const [project = '', frontData = '', memberData = '', aloneData = ''] = folders;
execFileSync('git', ['init', '-q', project]);

const server = spawn(process.execPath, [MAIN, 'serve', '--http', '--port', '0'], {
  env: { ...process.env, POPSTASH_HTTP_RATE: '100000' },
  stdio: ['ignore', 'ignore', 'pipe'],
});
const url = await /** @type {Promise<string>} */ (
  new Promise((found) => {
    createInterface({ input: server.stderr }).on('line', (line) => {
      const [address] = /http:\/\/[^;\s]+/.exec(line) ?? [];
      if (line.startsWith('PopStash') && address) found(address);
    });
  })
);
const made = execFileSync(process.execPath, [MAIN, 'tokens', 'create', 'bench', '--json'], { encoding: 'utf8' });
const team = { POPSTASH_URL: url, POPSTASH_TOKEN: JSON.parse(made).token };
const sides = {
  front: { ...process.env, POPSTASH_DATA_DIR: frontData },
  member: { ...process.env, ...team, POPSTASH_DATA_DIR: memberData },
  alone: { ...process.env, ...team, POPSTASH_DATA_DIR: aloneData },
};

/** Two agents: the client of one is this process, that of the other, which holds a file, a process of its own. @param {NodeJS.ProcessEnv} env */
async function startAgents(env) {
  const own = spawn(process.execPath, [MAIN, 'mcp'], { cwd: project, env, stdio: ['pipe', 'pipe', 'inherit'] });
  const call = await connectRaw(own.stdin, own.stdout);
  const script = `require('node:child_process').spawn(process.execPath, [process.argv[1], 'mcp'], { stdio: 'inherit' });`;
  const other = spawn(process.execPath, ['-e', script, MAIN], {
    cwd: project,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const hold = await connectRaw(other.stdin, other.stdout);
  await hold('tools/call', { name: 'start_task', arguments: { task: 'Hold a file', files: ['held.ts'] } });
  return { call, children: [own, other] };
}

/** @param {NodeJS.ProcessEnv} env @param {string} file @param {string} expected */
async function hook(env, file, expected) {
  const payload = { session_id: 'p24', cwd: project, hook_event_name: 'PreToolUse', tool_name: 'Edit' };
  const input = JSON.stringify({ ...payload, tool_use_id: 't', tool_input: { file_path: join(project, file) } });
  const child = spawn(process.execPath, [HOOK, 'pre-tool-use'], {
    cwd: project,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await once(child, 'close');
  // A busy machine may take longer than a hook waits for a process that asks by itself: that is told, and no fault of a verdict.
  const isLate = output.includes('gave no verdict within');
  if (!isLate && (!output.includes(expected) || (expected === '' && output !== '')))
    throw new Error(`not the verdict: ${output}`);
}

async function node() {
  await once(spawn(process.execPath, ['-e', '0']), 'close');
}

try {
  const front = await startAgents(sides.front);
  // A front reads the repository as the members' processes do: one project, and so one agent would wait for the other's file.
  const member = await startAgents({ ...sides.member, POPSTASH_PROJECT: 'p24-member' });
  const memberHook = { ...sides.member, POPSTASH_PROJECT: 'p24-member' };
  const times = await interleave(
    {
      node,
      'front own': () => hook(sides.front, 'own.ts', ''),
      'member own': () => hook(memberHook, 'own.ts', ''),
      'front denied': () => hook(sides.front, 'held.ts', '"deny"'),
      'member denied': () => hook(memberHook, 'held.ts', '"deny"'),
      'member alone': () => hook({ ...sides.alone, POPSTASH_PROJECT: 'p24-member' }, 'held.ts', '"deny"'),
    },
    ROUNDS,
  );
  const base = median(times.node ?? []);
  for (const [name, list] of Object.entries(times)) {
    if (name === 'node') continue;
    report(`P24 hook, ${name} ÷ node -e 0, p50`, median(list) / base, name === 'member own' ? '≤ 1.5' : '-');
  }
  report(
    'P24 hook, member own less front own, p50 ms',
    median(times['member own'] ?? []) - median(times['front own'] ?? []),
    '-',
  );
  report('P24 node -e 0, p50 ms', base, '-');

  const insight = { name: 'insight', arguments: { key: 'p24', content: 'Measured once more.' } };
  const calls = await interleave(
    {
      front: () => front.call('tools/call', insight),
      member: () => member.call('tools/call', insight),
    },
    CALLS,
  );
  report('P24 insight by HTTP ÷ by a front, p50', median(calls.member ?? []) / median(calls.front ?? []), '-');
  report('P24 insight by HTTP, p50 ms', median(calls.member ?? []), '-');
  report('P24 insight by HTTP, p99 ms', percentile(calls.member ?? [], 0.99), '-');
  for (const child of [...front.children, ...member.children]) child.stdin.end();
  await Promise.all([...front.children, ...member.children].map((child) => once(child, 'exit')));
} finally {
  server.kill();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
