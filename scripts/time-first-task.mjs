// @ts-check
// npm run time:first-task [-- clone npx compose]: how long each way into PopStash takes, from nothing to the first start_task
// that is answered. clone: git clone, npm ci, npm run build, a client. npx: one pair of `npm run trials -- package`, from a
// registry on loopback. compose: docker compose build and up, where a Docker engine answers.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { composeStack } from '../docker/prove/compose-stack.mjs';
import { connectClient } from '../docker/prove/connect-client.mjs';
import { openClient } from './package-trial/raw-client.mjs';
import { root } from './run-vitest.mjs';

const runFile = promisify(execFile);
/** Output of npm and Docker, in bytes. */
const MAX_OUTPUT = 64 << 20;
/** The pair of npm and Node whose npx is timed. */
const PAIR = 'npm11-node24';
const TASK = { task: 'Try it', files: ['a.txt'] };

/** @type {Record<string, () => Promise<string>>} */
const ways = { clone: timeClone, npx: timeNpx, compose: timeCompose };
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in ways));
if (unknown.length > 0) {
  console.error(`no such way: ${unknown.join(', ')}; there are ${Object.keys(ways).join(', ')}`);
  process.exit(2);
}
const work = mkdtempSync(join(tmpdir(), 'popstash-first-'));
try {
  for (const [name, time] of Object.entries(ways)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const said = await time().catch((/** @type {Error} */ error) => {
      process.exitCode = 1;
      return `failed: ${error.message}`;
    });
    console.log(`${name.padEnd(8)} ${said}  (load average ${loadavg()[0]?.toFixed(1)})`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** What is committed here, by the two commands of the README; npm's own cache and registry are those of this user. */
async function timeClone() {
  const clone = join(work, 'popstash');
  const steps = {
    'git clone': () => runFile('git', ['clone', '--quiet', `file://${root}`, clone]),
    'npm ci': () => runFile('npm', ['ci', '--no-audit', '--no-fund'], { cwd: clone, maxBuffer: MAX_OUTPUT }),
    'npm run build': () => runFile('npm', ['run', 'build'], { cwd: clone, maxBuffer: MAX_OUTPUT }),
    start_task: () => startFirstTask(join(clone, 'dist', 'main.js')),
  };
  return await timeSteps(steps);
}

/** @param {string} main */
async function startFirstTask(main) {
  const home = join(work, 'home');
  mkdirSync(home);
  const env = { PATH: process.env.PATH ?? '', HOME: home };
  const client = await openClient(process.execPath, [main, 'mcp'], { cwd: home, env });
  try {
    await client.call('start_task', TASK);
  } finally {
    await client.close();
    await runFile(process.execPath, [main, 'down'], { cwd: home, env });
  }
}

async function timeNpx() {
  const child = spawn(process.execPath, [join(root, 'scripts', 'package-trial.mjs'), PAIR], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, 'close');
  const line = output.split('\n').find((each) => each.startsWith('{'));
  if (line === undefined) throw new Error(`the trial of ${PAIR} ended with ${code}`);
  const row = JSON.parse(line);
  if (row.failed) throw new Error(row.failed);
  const cold = row['npx to start_task, cold, s'];
  return `${cold} s with an empty cache, ${row['warm, s']} s afterwards: npx --yes popstash mcp, npm ${row.npm}, Node ${row.node}`;
}

async function timeCompose() {
  const docker = spawnSync('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: 10_000 });
  if (docker.status !== 0) return 'not timed: no Docker engine answers here';
  const stack = await composeStack({ COMPOSE_PROJECT_NAME: 'popstash-first-task' });
  try {
    return await timeSteps({
      'build and up': () => stack.up([]),
      start_task: async () => {
        const { client, close } = await connectClient(stack.environment);
        await client.callTool({ name: 'start_task', arguments: TASK });
        await close('SIGTERM');
      },
    });
  } finally {
    await stack.down();
  }
}

/** @param {Record<string, () => Promise<unknown>>} steps one after another */
async function timeSteps(steps) {
  const begin = performance.now();
  const parts = [];
  for (const [name, step] of Object.entries(steps)) {
    const start = performance.now();
    await step();
    parts.push(`${name} ${seconds(performance.now() - start)}`);
  }
  return `${seconds(performance.now() - begin)}: ${parts.join(', ')}`;
}

/** @param {number} ms */
function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
