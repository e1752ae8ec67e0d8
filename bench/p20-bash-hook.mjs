// @ts-check
// P20: the hooks before and after a shell command, each from spawn to its end with the verdict, ÷ `node -e 0`, alternating,
// beside 10,000 files that another agent holds by a glob; and with one file in a hundred of them written between the two.
// The first pair, which reads all files for the first time, is told by itself.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startLocalServer } from './support/local-server.mjs';
import { connectRaw } from './support/raw-connection.mjs';
import { median, percentile, report } from './support/report.mjs';

const ROUNDS = 30;
const FILES = 10_000;
const EXTRA_MS = 50;
const MAIN = resolve('dist/main.js');
const HOOK = resolve('dist/hook.cjs');
const project = mkdtempSync(join(tmpdir(), 'ps-p20-'));
writeFiles();
const local = await startLocalServer();
try {
  await measure('embedded', local.env);
  await measure('server mode', { ...process.env, POPSTASH_DATA_DIR: project });
} finally {
  await local.stop();
  rmSync(project, { recursive: true, force: true });
}

function writeFiles() {
  for (let file = 0; file < FILES; file += 1) {
    const folder = join(project, 'gen', String(file % 100));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `file-${file}.ts`), `export const value = ${file};\n`.repeat(20));
  }
  writeFileSync(join(project, '.gitignore'), '*.sock\nfronts/\n');
  execFileSync('git', ['init', '-q'], { cwd: project });
  execFileSync('git', ['add', '-A'], { cwd: project });
}

/**
 * @param {string} mode
 * @param {NodeJS.ProcessEnv} env
 */
async function measure(mode, env) {
  // The agent's client is this process; the holder's is a process of its own.
  const agent = spawn(process.execPath, [MAIN, 'mcp'], { cwd: project, env, stdio: ['pipe', 'pipe', 'inherit'] });
  await connectRaw(agent.stdin, agent.stdout);
  const script = `const { spawn } = require('node:child_process');
    spawn(process.execPath, [process.argv[1], 'mcp'], { stdio: 'inherit' });`;
  const holder = spawn(process.execPath, ['-e', script, MAIN], {
    cwd: project,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const call = await connectRaw(holder.stdin, holder.stdout);
  await call('tools/call', { name: 'start_task', arguments: { task: 'Generate', files: ['gen/**'] } });

  /** @type {Record<string, number[]>} */
  const times = { node: [], before: [], after: [], changed: [] };
  /** @type {(name: string, took: number) => void} */
  const keep = (name, took) => void times[name]?.push(took);
  const first = [
    await timed([HOOK, 'pre-tool-use'], use('first'), env),
    await timed([HOOK, 'post-tool-use'], use('first'), env),
  ];
  for (let round = 0; round < ROUNDS; round += 1) {
    keep('node', await timed(['-e', '0'], '', env));
    keep('before', await timed([HOOK, 'pre-tool-use'], use(`a${round}`), env));
    keep('node', await timed(['-e', '0'], '', env));
    keep('after', await timed([HOOK, 'post-tool-use'], use(`a${round}`), env));
  }
  for (let round = 0; round < 5; round += 1) {
    await timed([HOOK, 'pre-tool-use'], use(`b${round}`), env);
    for (let file = 0; file < FILES; file += 100) {
      writeFileSync(join(project, 'gen', String(file % 100), `file-${file}.ts`), `changed in ${mode} ${round}\n`);
    }
    keep('changed', await timed([HOOK, 'post-tool-use'], use(`b${round}`), env));
  }
  const { node = [], before = [], after = [], changed = [] } = times;
  /** @param {number} took */
  const ratio = (took) => (took - EXTRA_MS) / median(node);
  report(`P20 ${mode}, (before − 50 ms) ÷ node -e 0, p50`, ratio(median(before)), '≤ 1.5');
  report(`P20 ${mode}, (after − 50 ms) ÷ node -e 0, p50`, ratio(median(after)), '≤ 1.5');
  report(`P20 ${mode}, before, p90 ms`, percentile(before, 0.9), '-');
  report(`P20 ${mode}, after, p90 ms`, percentile(after, 0.9), '-');
  report(`P20 ${mode}, after a command that changed 100 of them, p50 ms`, median(changed), '-');
  report(`P20 ${mode}, first hook before a command, ms`, first[0] ?? Number.NaN, '-');
  report(`P20 ${mode}, node -e 0, p50 ms`, median(node), '-');
  for (const child of [agent, holder]) child.stdin.end();
  await Promise.all([once(agent, 'exit'), once(holder, 'exit')]);
}

/** @param {string} call */
function use(call) {
  const payload = { session_id: 'p20', cwd: project, hook_event_name: 'PreToolUse', tool_name: 'Bash' };
  return JSON.stringify({ ...payload, tool_use_id: call, tool_input: { command: 'true' } });
}

/**
 * @param {string[]} args
 * @param {string} input
 * @param {NodeJS.ProcessEnv} env
 * @returns ms from spawn to exit
 */
async function timed(args, input, env) {
  const start = performance.now();
  const child = spawn(process.execPath, args, { cwd: project, env, stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  await once(child, 'close');
  return performance.now() - start;
}
