// @ts-check
// P15: an edit hook, from spawn to its end with the verdict, ÷ `node -e 0`, alternating: of a file that the agent holds
// (allowed, its claim renewed) and of one that another agent holds (denied), as init installs it, and as `popstash hook`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startLocalServer } from './support/local-server.mjs';
import { connectRaw } from './support/raw-connection.mjs';
import { median, percentile, report } from './support/report.mjs';

const ROUNDS = 30;
const MAIN = resolve('dist/main.js');
const HOOK = resolve('dist/hook.cjs');
const project = mkdtempSync(join(tmpdir(), 'ps-p15-'));
const local = await startLocalServer();
try {
  await measure('embedded', local.env);
  await measure('server mode', { ...process.env, POPSTASH_DATA_DIR: project });
} finally {
  await local.stop();
  rmSync(project, { recursive: true, force: true });
}

/**
 * @param {string} mode
 * @param {NodeJS.ProcessEnv} env
 */
async function measure(mode, env) {
  // The agent's client is this process; the other one's is a process of its own.
  const agent = spawn(process.execPath, [MAIN, 'mcp'], { cwd: project, env, stdio: ['pipe', 'pipe', 'inherit'] });
  await connectRaw(agent.stdin, agent.stdout);
  const script = `const { spawn } = require('node:child_process');
    spawn(process.execPath, [process.argv[1], 'mcp'], { stdio: 'inherit' });`;
  const other = spawn(process.execPath, ['-e', script, MAIN], {
    cwd: project,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const call = await connectRaw(other.stdin, other.stdout);
  await call('tools/call', { name: 'start_task', arguments: { task: 'Hold a file', files: ['held.ts'] } });

  /** @type {Record<string, number[]>} */
  const times = { node: [], own: [], denied: [], command: [] };
  // The first round of each is not counted.
  for (let round = -1; round < ROUNDS; round += 1) {
    for (const [name, side] of Object.entries({
      node: () => timed(['-e', '0'], '', env, ''),
      own: () => timed([HOOK, 'pre-tool-use'], edit('own.ts'), env, ''),
      denied: () => timed([HOOK, 'pre-tool-use'], edit('held.ts'), env, '"deny"'),
      command: () => timed([MAIN, 'hook', 'pre-tool-use'], edit('own.ts'), env, ''),
    })) {
      const took = await side();
      if (round >= 0) times[name]?.push(took);
    }
  }
  const { node = [], own = [], denied = [], command = [] } = times;
  report(`P15 ${mode}, own file ÷ node -e 0, p50`, median(own) / median(node), '≤ 1.3');
  report(`P15 ${mode}, denied ÷ node -e 0, p50`, median(denied) / median(node), '≤ 1.3');
  report(`P15 ${mode}, popstash hook ÷ node -e 0, p50`, median(command) / median(node), '≤ 1.3');
  report(`P15 ${mode}, own file ÷ node -e 0, p90`, percentile(own, 0.9) / percentile(node, 0.9), '-');
  report(`P15 ${mode}, node -e 0, ms`, median(node), '-');
  for (const child of [agent, other]) child.stdin.end();
  await Promise.all([once(agent, 'exit'), once(other, 'exit')]);
}

/** @param {string} file */
function edit(file) {
  const payload = { session_id: 'p15', cwd: project, hook_event_name: 'PreToolUse', tool_name: 'Edit' };
  return JSON.stringify({ ...payload, tool_use_id: 't', tool_input: { file_path: join(project, file) } });
}

/**
 * @param {string[]} args
 * @param {string} input
 * @param {NodeJS.ProcessEnv} env
 * @param {string} expected
 * @returns ms from spawn to exit
 */
async function timed(args, input, env, expected) {
  const start = performance.now();
  const child = spawn(process.execPath, args, { cwd: project, env, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await once(child, 'close');
  const took = performance.now() - start;
  if (!output.includes(expected) || (expected === '' && output !== '')) throw new Error(`not the verdict: ${output}`);
  return took;
}
