// @ts-check
// npm run demo: two real MCP clients over stdio, on the embedded default, in a data folder of its own.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { call, callUntilFound, createClients } from './demo/clients.mjs';
import { startReceiver } from './demo/receive-spans.mjs';
import { showAccount } from './demo/show-account.mjs';
import { showCoordination } from './demo/show-coordination.mjs';
import { showDenials } from './demo/show-denials.mjs';
import { answer, bold, clip, dim, green, say, step } from './demo/terminal.mjs';

/** @typedef {import('./demo/clients.mjs').Agent} Agent */

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const main = join(root, 'dist', 'main.js');
const folder = mkdtempSync(join(tmpdir(), 'popstash-demo-'));
const receiver = await startReceiver();
const env = {
  .../** @type {Record<string, string>} */ (process.env),
  DATABASE_URL: '',
  REDIS_URL: '',
  POPSTASH_DATA_DIR: folder,
  HOME: folder,
  POPSTASH_PROJECT: 'demo',
  // Traces go to the demo's own receiver, and nothing to where the user's own telemetry goes.
  OTEL_SDK_DISABLED: 'false',
  OTEL_TRACES_EXPORTER: 'otlp',
  OTEL_TRACES_SAMPLER: 'always_on',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: receiver.endpoint,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
  OTEL_EXPORTER_OTLP_HEADERS: '',
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: '',
  OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
  OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'none',
};
const clients = createClients(root, env);
/** The trace that the insight of act 3 belongs to, as a client that traces itself would say. */
const traceId = randomBytes(16).toString('hex');

async function runDemo() {
  const started = performance.now();
  say(bold('PopStash: memory, coordination and accountability for coding agents.'));
  say('Embedded: no Docker, no Redis, no PostgreSQL.');
  const claude = await showStash();
  const cursor = await showInsights(claude);
  await showDecisions(claude, cursor);
  const { survivor, sessionIds } = await showCoordination(claude, cursor);
  await showDenials(main, env, folder);
  await showAccount(survivor, sessionIds, receiver, traceId);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  say(`\n${green('It works.')} ${dim(`Whole demo: ${seconds} s. Its data folder is removed again.`)}`);
  printConfiguration();
}

async function showStash() {
  step('1. An agent stashes its context, and its session ends.');
  const claude = await clients.connect('claude-code');
  const [stashed, stashTook] = await call(claude, 'stash', {
    name: 'auth-jwt-wip',
    summary:
      'Implementing JWT auth. DONE: token module, sign and verify. TODO: add to router, write tests. BLOCKER: how long may a login live?',
    files: ['src/auth/token.ts', 'src/router.ts'],
  });
  answer(`saved as ${stashed.stash_id}, version ${stashed.version}; its vector: ${stashed.embedding}`, stashTook);
  await claude.mcp.close();
  say(`  ${green(claude.name)} ${dim('is gone: the terminal was closed')}`);

  step('2. A new session the next day asks in its own words.');
  const again = await clients.connect('claude-code');
  const description = { query: 'that json web token thing I was in the middle of' };
  const [popped, popTook] = await callUntilFound(again, 'pop', description, (answer) => answer.found);
  if (popped.name !== 'auth-jwt-wip') throw new Error(`pop found ${popped.name}`);
  answer(`${bold(popped.name)} (match ${popped.match_score}): ${clip(popped.summary, 45)}`, popTook);
  return again;
}

/** @param {Agent} claude */
async function showInsights(claude) {
  step('3. What one agent learns, every agent knows.');
  const insight = {
    key: 'api-errors',
    content: 'All API errors go through lib/errors.ts: never throw strings, the client retries on 5xx only.',
  };
  const traceparent = `00-${traceId}-${randomBytes(8).toString('hex')}-01`;
  const [, insightTook] = await call(claude, 'insight', insight, { traceparent });
  answer('saved', insightTook);
  const cursor = await clients.connect('cursor');
  // Not a word in common: found by meaning, so once the insight's vector is there.
  const question = { query: 'what should I do when a request fails?' };
  const [recalled, recallTook] = await callUntilFound(
    cursor,
    'recall',
    question,
    (answer) => answer.results.length > 0,
  );
  const hit = recalled.results[0];
  if (hit?.key !== 'api-errors') throw new Error('recall did not find the insight');
  answer(`${bold(hit.key)} (match ${hit.match_score}; ${hit.why})`, recallTook);
  say(`      “${clip(hit.content, 35)}” ${dim(`by ${hit.author}, ${hit.age}`)}`);
  const [nothing, nothingTook] = await call(cursor, 'recall', { query: 'office party catering budget' });
  if (nothing.results.length > 0) throw new Error('recall found what was never saved');
  answer(`${nothing.message} ${dim('(it knows when it does not know)')}`, nothingTook);
  return cursor;
}

/** @param {Agent} claude @param {Agent} cursor */
async function showDecisions(claude, cursor) {
  step('4. A decision binds everyone, at once.');
  const [, decideTook] = await call(claude, 'decide', {
    topic: 'authentication',
    decision: 'Access tokens live 15 minutes, refresh tokens 7 days.',
    reasoning: 'Limits the damage of a stolen token.',
  });
  answer('recorded', decideTook);
  const [{ decisions }, took] = await call(cursor, 'get_decisions', { topic: 'authentication' });
  answer(`${bold(decisions[0].topic)}: ${decisions[0].decision}`, took);
}

function printConfiguration() {
  const server = { command: 'node', args: [main, 'mcp'] };
  step('Use it: in your project, connect all clients, with hooks that make locks count,');
  say(`  node ${main} init`);
  say(dim('  (shows every change first; init --undo takes it all back)'));
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
  await clients.closeAll();
  // First, since it can't answer while this process waits for the command.
  receiver.close();
  spawnSync(process.execPath, [main, 'down'], { env, stdio: 'ignore' });
  rmSync(folder, { recursive: true, force: true });
}
