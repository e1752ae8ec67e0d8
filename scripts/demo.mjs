// npm run demo: two real MCP clients over stdio, on the embedded default, in a data folder of its own.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const main = join(root, 'dist', 'main.js');
const folder = mkdtempSync(join(tmpdir(), 'popstash-demo-'));
const env = {
  ...process.env,
  DATABASE_URL: '',
  REDIS_URL: '',
  POPSTASH_DATA_DIR: folder,
  HOME: folder,
  POPSTASH_PROJECT: 'demo',
};

/** Clients to close, also when the demo fails half way. */
const open = new Set();
const colours = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code, text) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
const bold = (text) => paint('1', text);
const dim = (text) => paint('2', text);
const green = (text) => paint('32', text);
const red = (text) => paint('31', text);
const say = (text = '') => process.stdout.write(`${text}\n`);
const step = (title) => say(`\n${bold(title)}`);
const ms = (value) => dim(`${value < 10 ? value.toFixed(1) : Math.round(value)} ms`);

async function timed(work) {
  const start = performance.now();
  const value = await work();
  return [value, performance.now() - start];
}

/** Starts `popstash mcp` as an editor would, and names the agent as the editor would. */
async function connect(name) {
  const client = new Client({ name, version: '1.0.0' });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [main, 'mcp'],
    env,
    stderr: 'inherit',
  });
  open.add(client);
  const [, took] = await timed(() => client.connect(transport));
  say(`  ${name} ${dim('starts: popstash mcp')}  ${ms(took)}`);
  return { label: name.padEnd(11), mcp: client, pid: transport.pid };
}

function sayCall(client, tool, args) {
  const shown = Object.entries(args).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  say(`  ${green(client.label)} → ${bold(tool)} ${clip(shown.join(', '), 100)}`);
}

async function call(client, tool, args) {
  sayCall(client, tool, args);
  return await callSilently(client, tool, args);
}

async function callSilently(client, tool, args) {
  const options = { onprogress: (progress) => client.onProgress?.(progress) };
  const [result, took] = await timed(() => client.mcp.callTool({ name: tool, arguments: args }, undefined, options));
  if (result.isError) throw new Error(`${tool} failed: ${result.content[0].text}`);
  return [result.structuredContent, took];
}

/** Asks again while the vector of what was just written is being computed. */
async function untilFound(client, tool, args, found) {
  const asked = await call(client, tool, args);
  const deadline = performance.now() + 30_000;
  let [answered, took] = asked;
  while (!found(answered) && performance.now() < deadline) {
    const [result, again] = await timed(() => client.mcp.callTool({ name: tool, arguments: args }));
    answered = result.structuredContent;
    took = again;
  }
  return [answered, took];
}

function clip(text, length) {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

function answer(text, took) {
  say(`      ${text}  ${ms(took)}`);
}

async function runDemo() {
  const started = performance.now();
  say(bold('PopStash: memory and coordination for coding agents. Embedded: no Docker, no Redis, no PostgreSQL.'));

  step('1. An agent stashes its context, and its session ends.');
  let claude = await connect('claude-code');
  const [stashed, stashTook] = await call(claude, 'stash', {
    name: 'auth-jwt-wip',
    summary:
      'Implementing JWT auth. DONE: token module, sign and verify. TODO: add to router, write tests. BLOCKER: how long may a login live?',
    files: ['src/auth/token.ts', 'src/router.ts'],
  });
  answer(`saved as ${stashed.stash_id}, version ${stashed.version}; its vector: ${stashed.embedding}`, stashTook);
  await claude.mcp.close();
  say(`  ${green(claude.label)} ${dim('is gone: the terminal was closed')}`);

  step('2. A new session the next day asks in its own words.');
  claude = await connect('claude-code');
  const description = { query: 'that json web token thing I was in the middle of' };
  const [popped, popTook] = await untilFound(claude, 'pop', description, (answer) => answer.found);
  if (popped.name !== 'auth-jwt-wip') throw new Error(`pop found ${popped.name}`);
  answer(`${bold(popped.name)} (match ${popped.match_score}): ${clip(popped.summary, 80)}`, popTook);

  step('3. What one agent learns, every agent knows.');
  const [, insightTook] = await call(claude, 'insight', {
    key: 'api-errors',
    content: 'All API errors go through lib/errors.ts: never throw strings, the client retries on 5xx only.',
  });
  answer('saved', insightTook);
  const cursor = await connect('cursor');
  // Not a word in common: found by meaning, so once the insight's vector is there.
  const question = { query: 'what should I do when a request fails?' };
  const [recalled, recallTook] = await untilFound(cursor, 'recall', question, (answer) => answer.results.length > 0);
  const hit = recalled.results[0];
  if (hit?.key !== 'api-errors') throw new Error('recall did not find the insight');
  answer(`${bold(hit.key)} (match ${hit.match_score}; ${hit.why})`, recallTook);
  say(`      “${clip(hit.content, 90)}” ${dim(`by ${hit.author}, ${hit.age}`)}`);
  const [nothing, nothingTook] = await call(cursor, 'recall', { query: 'office party catering budget' });
  answer(
    nothing.results.length === 0 ? `${nothing.message} ${dim('(it knows when it does not know)')}` : 'unexpected',
    nothingTook,
  );

  step('4. A decision binds everyone, at once.');
  const [, decideTook] = await call(claude, 'decide', {
    topic: 'authentication',
    decision: 'Access tokens live 15 minutes, refresh tokens 7 days.',
    reasoning: 'Limits the damage of a stolen token.',
  });
  answer('recorded', decideTook);
  const [decisions, decisionsTook] = await call(cursor, 'get_decisions', { topic: 'authentication' });
  answer(`${bold(decisions.decisions[0].topic)}: ${decisions.decisions[0].decision}`, decisionsTook);

  await showCoordination(claude, cursor);

  say(
    `\n${green('It works.')} ${dim(`Whole demo: ${((performance.now() - started) / 1000).toFixed(1)} s. Its data folder is removed again.`)}`,
  );
  printConfiguration();
}

/** Two agents race for one file; the winner is killed, and the loser gets it. */
async function showCoordination(claude, cursor) {
  step('5. Two agents start a task on the same file, at the same moment. One gets it.');
  const file = 'src/auth/token.ts';
  const tasks = new Map([
    [claude, { task: 'Implement JWT refresh tokens', summary: 'Refresh tokens are issued and rotated' }],
    [cursor, { task: 'Rename the auth claims', summary: 'Renamed sub to user_id in all claims' }],
  ]);
  for (const [client, { task }] of tasks) sayCall(client, 'start_task', { task, files: [file] });
  const answers = await Promise.all(
    [...tasks].map(async ([client, { task }]) => {
      const [started, took] = await callSilently(client, 'start_task', { task, files: [file] });
      return { client, started, took };
    }),
  );
  const winner = answers.find(({ started }) => started.session_id);
  const loser = answers.find(({ started }) => !started.session_id);
  if (!winner || !loser) throw new Error('not exactly one of two got the file');
  const { locks, context } = winner.started;
  const known = [...context.recent_decisions, ...context.relevant_stashes, ...context.relevant_insights];
  answer(
    `${green(winner.client.label.trim())} has ${bold(file)} ${dim(`(token ${locks.tokens[0]}, for ${locks.expires_in})`)}`,
    winner.took,
  );
  say(`      and is told what is known: ${known.map(({ topic, name, key }) => bold(topic ?? name ?? key)).join(', ')}`);
  const [conflict] = loser.started.locks.conflicts;
  answer(`${red(loser.client.label.trim())} gets nothing and is told who, what and how long:`, loser.took);
  say(`      held by ${bold(conflict.name)} ${dim(conflict.held_by)}: “${conflict.task}”`);
  say(`      for ${conflict.held_for}, free in ${conflict.expires_in} unless it shows a sign of life`);

  step('6. The holder crashes. Its lock goes to the next in the queue, at once.');
  const { task, summary } = tasks.get(loser.client) ?? {};
  const again = { task, files: [file], wait_seconds: 30 };
  sayCall(loser.client, 'start_task', again);
  const queue = new Promise((resolve) => {
    loser.client.onProgress = resolve;
  });
  const waiting = callSilently(loser.client, 'start_task', again);
  const queued = await Promise.race([queue, waiting.then(() => null)]);
  if (queued) say(`      ${dim(queued.message)}`);
  const killed = performance.now();
  process.kill(winner.client.pid, 'SIGKILL');
  say(`  ${dim(`kill -9 ${winner.client.pid}`)} ${red(winner.client.label.trim())} ${dim('is dead')}`);
  const [taken] = await waiting;
  answer(
    `${green(loser.client.label.trim())} has ${bold(file)} ${dim(`(token ${taken.locks.tokens[0]})`)}, this long after the kill:`,
    performance.now() - killed,
  );
  const [ended, endTook] = await call(loser.client, 'end_task', { summary });
  answer(`${ended.status} after ${ended.duration}; released ${ended.locks_released.join(', ')}`, endTook);
}

function printConfiguration() {
  const server = { command: 'node', args: [main, 'mcp'] };
  step('Use it: in your project, connect all clients, with hooks that make the locks count,');
  say(`  node ${main} init   ${dim('(shows every change first; init --undo takes it all back)')}`);
  step('or paste this into your client.');
  say(`  Claude Code   claude mcp add popstash -- node ${main} mcp`);
  say('  Cursor        ~/.cursor/mcp.json');
  say('  Cline         MCP Servers → Configure');
  say(JSON.stringify({ mcpServers: { popstash: server } }, null, 2).replace(/^/gm, '    '));
}

try {
  await runDemo();
} catch (error) {
  say(`\nThe demo failed: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  await Promise.all([...open].map((client) => client.close()));
  spawnSync(process.execPath, [main, 'down'], { env, stdio: 'ignore' });
  rmSync(folder, { recursive: true, force: true });
}
