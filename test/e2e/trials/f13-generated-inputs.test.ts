// Trial F13: generated inputs over all tool schemas, glob bombs, JSON bombs, text bombs, lines that are no JSON. stdout
// stays pure JSON-RPC, every request has one answer, nothing fails unforeseen, nothing keeps the event loop for long.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { listGlobBombs, listJsonBombs, listTextBombs, listTooLongLines } from '../../support/inputs/bombs.js';
import { generateLine, type ToolSchema } from '../../support/inputs/generate-inputs.js';
import { listHeldGlobs } from '../../support/inputs/hostile-globs.js';
import { connectClient, type TestClient } from '../../support/processes/client.js';
import { askServer } from '../../support/processes/local-server.js';
import { type LoopWatch, watchLoops } from '../../support/processes/loop-reports.js';
import { isAlive } from '../../support/processes/processes.js';
import { openRawClient, type RawAnswer, type RawClient } from '../../support/processes/raw-client.js';
import { startRedis } from '../../support/processes/servers.js';
import { createTestDatabase } from '../../support/setup/database.js';
import type { EnvironmentChange } from '../../support/setup/environment.js';
import { createDataFolder } from '../../support/setup/folders.js';
import { isFullTrial, trialCount } from '../../support/setup/trial.js';

const BATCH = 500;
const SEED = 13;
const MAX_BLOCKED_MS = 50;
const HELD_GLOBS = 200;

const modes: { mode: string; command: string; inputs: number; start: () => Promise<EnvironmentChange> }[] = [
  {
    mode: 'server',
    command: 'mcp',
    inputs: trialCount(1_500, 700_000),
    start: async () => {
      const [database, redis] = await Promise.all([createTestDatabase(), startRedis()]);
      return { DATABASE_URL: database.url, REDIS_URL: redis.url };
    },
  },
  {
    mode: 'embedded',
    command: 'serve',
    inputs: trialCount(1_000, 300_000),
    start: async () => ({ POPSTASH_DATA_DIR: createDataFolder() }),
  },
];

interface Granted {
  session_id?: string;
  context?: unknown;
  acquired?: { pattern: string }[];
}

/** Of another agent, so that patterns are really compared. */
async function holdGlobs(env: EnvironmentChange): Promise<TestClient> {
  const holder = await connectClient({ env });
  const globs = listHeldGlobs(HELD_GLOBS);
  for (let from = 0; from < globs.length; from += 50) {
    const { acquired } = await holder.call<{ acquired: unknown[] }>('acquire', {
      patterns: globs.slice(from, from + 50),
      ttl_minutes: 1_440,
    });
    expect(acquired).toHaveLength(Math.min(50, globs.length - from));
  }
  return holder;
}

/** What was granted is given back, as an agent would, so that it does not pile up. */
function giveBack(): { queue: string[]; onAnswer: (answer: RawAnswer) => void } {
  const queue: string[] = [];
  const call = (name: string, args: Record<string, unknown>) => {
    const id = `give back ${queue.length} ${Math.random()}`;
    queue.push(JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } }));
  };
  return {
    queue,
    onAnswer({ result }) {
      const { session_id, context, acquired = [] } = (result?.structuredContent ?? {}) as Granted;
      if (session_id !== undefined && context !== undefined) call('end_task', { summary: 'done', session_id });
      if (acquired.length > 0) call('release', { patterns: acquired.map(({ pattern }) => pattern) });
    },
  };
}

/** With a name for itself that no database takes. */
async function initialize(client: RawClient): Promise<ToolSchema[]> {
  const clientInfo = { name: `generated\0\ud800${'x'.repeat(10_000)}`, version: '\0' };
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo };
  expect(await client.request('initialize', params)).toHaveProperty('result');
  await client.send('{"jsonrpc":"2.0","method":"notifications/initialized"}');
  const { result } = await client.request('tools/list');
  return (result as unknown as { tools: ToolSchema[] }).tools;
}

const callTool = (client: RawClient, name: string, args = {}) =>
  client.request('tools/call', { name, arguments: args });

describe.each(modes)('F13, $mode mode', ({ mode, command, inputs, start }) => {
  test(`${inputs} generated inputs, and bombs`, async () => {
    const loops = watchLoops();
    const env = { ...(await start()), ...loops.env };
    const holder = await holdGlobs(env);
    const grants = giveBack();
    const client = openRawClient(env, grants.onAnswer);
    const tools = await initialize(client);
    expect(await callTool(client, 'ping')).toMatchObject({ result: { structuredContent: { status: 'pong', mode } } });
    const server = command === 'serve' ? ((await askServer(env.POPSTASH_DATA_DIR ?? ''))?.pid ?? -1) : client.pid;
    const started = performance.now();
    loops.begin();

    const sendAll = async (lines: Iterable<string>, isPipelined = true) => {
      const giveAllBack = async () => {
        if (!isPipelined) await client.allAnswered();
        for (let line = grants.queue.pop(); line; line = grants.queue.pop()) await client.send(line);
      };
      for (const line of lines) {
        await client.send(line);
        await giveAllBack();
      }
      await client.allAnswered();
      await giveAllBack();
      await client.allAnswered();
    };
    const phases: string[] = [];
    const phase = async (name: string, lines: Iterable<string>, isPipelined = true) => {
      phases.push(`${name} from ${Math.round(performance.now() - started)} ms`);
      await sendAll(lines, isPipelined);
    };
    await phase('JSON bombs', listJsonBombs(trialCount(200_000, 4_000_000), trialCount(3, 1)));
    await phase('lines that are too long', listTooLongLines());
    // Each takes seconds of work, so they are sent one at a time.
    await phase('glob bombs', listGlobBombs(trialCount(20, 1)), false);
    await phase('text bombs', listTextBombs(trialCount(20_000, 250_000), trialCount(16, 1)));
    await phase('generated', []);
    const arbitrary = generateLine(tools);
    for (let done = 0; done < inputs; done += BATCH) {
      // A seed a batch, so that what one did can be told again without those before.
      await sendAll(fc.sample(arbitrary, { numRuns: Math.min(BATCH, inputs - done), seed: SEED + done }));
      await callTool(client, 'release', { patterns: ['**'] });
      await holder.call('ping');
    }

    expect(await callTool(client, 'ping')).toMatchObject({ result: { structuredContent: { status: 'pong' } } });
    expect(client.faults).toEqual([]);
    expect(isAlive(client.pid) && isAlive(server)).toBe(true);
    if (command === 'serve') expect((await askServer(env.POPSTASH_DATA_DIR ?? ''))?.pid).toBe(server);
    // The inputs reached the tools, and not all of them were refused.
    expect(client.counts.get('ok')).toBeGreaterThan(inputs / 50);
    expect(client.counts.get('invalid_argument')).toBeGreaterThan(inputs / 4);
    await report(loops, { mode, command, server, client, ms: performance.now() - started, phases });
  });
});

async function report(
  loops: LoopWatch,
  run: { mode: string; command: string; server: number; client: RawClient; ms: number; phases: string[] },
): Promise<void> {
  const loop = await loops.read(run.command, run.server);
  expect(loop.ticks).toBeGreaterThan(10);
  const counts = [...run.client.counts].map(([kind, count]) => `${kind} ${count}`).join(', ');
  const seconds = Math.round(run.ms / 1_000);
  process.stdout.write(
    `F13 ${run.mode}: ${run.client.sent()} lines in ${seconds} s, loop blocked ${loop.worst.toFixed(1)} ms at most\n` +
      `  answers: ${counts}\n  longest: ${loop.longest.map(({ after, worst }) => `${worst} ms after ${after}`).join(', ')}\n` +
      `  ${run.phases.join(', ')}\n`,
  );
  if (isFullTrial) expect(loop.worst).toBeLessThanOrEqual(MAX_BLOCKED_MS);
}
