// @ts-check
// P12b: acquire and release on the wire, in both modes: pairs by one client, then eight clients with processes of their
// own that contend for one path for 15 s, and what the holders knew checked for double grants; then kill -9 of a holder
// until another agent that waits has the lock. Milliseconds, as the rivals' figures are; take them from a quiet machine.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectFront, timed } from './support/mcp-client.mjs';
import { median, percentile, report } from './support/report.mjs';

const PAIRS = 500;
const CONTENDERS = 8;
const CONTEST_MS = 15_000;
const KILLS = 7;
const path = 'src/contested.ts';

const folder = mkdtempSync(join(tmpdir(), 'popstash-p12b-'));
const modes = {
  server: process.env,
  embedded: { ...process.env, DATABASE_URL: '', REDIS_URL: '', POPSTASH_DATA_DIR: folder },
};
for (const [mode, env] of Object.entries(modes)) {
  await measurePairs(mode, env);
  await measureContest(mode, env);
  await measureKills(mode, env);
}
execFileSync(process.execPath, ['dist/main.js', 'down'], { env: modes.embedded, stdio: 'ignore' });
rmSync(folder, { recursive: true, force: true });

/** @typedef {Record<string, string | undefined>} Environment */

/**
 * @param {string} mode
 * @param {Environment} env
 */
async function measurePairs(mode, env) {
  const client = await connectFront(env);
  /** @type {number[]} */
  const times = [];
  for (let i = -50; i < PAIRS; i += 1) {
    const took = await timed(async () => {
      await client.call('acquire', { patterns: [path] });
      await client.call('release', { patterns: [path] });
    });
    if (i >= 0) times.push(took);
  }
  await client.close();
  report(`P12b acquire + release on the wire, ${mode}, p50 ms`, percentile(times, 0.5), '≤ 4.8');
  report(`P12b acquire + release on the wire, ${mode}, p99 ms`, percentile(times, 0.99), '≤ 12');
}

/**
 * @param {string} mode
 * @param {Environment} env
 */
async function measureContest(mode, env) {
  const clients = await Promise.all(Array.from({ length: CONTENDERS }, () => connectFront(env)));
  for (const client of clients) await client.call('ping');
  /** @type {{ from: number, until: number }[]} */
  const held = [];
  /** @type {number[]} */
  const waits = [];
  const end = performance.now() + CONTEST_MS;
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < end) {
        const asked = performance.now();
        const { acquired } = await client.call('acquire', { patterns: [path], wait_seconds: 10 });
        if (acquired.length === 0) continue;
        const from = performance.now();
        waits.push(from - asked);
        held.push({ from, until: performance.now() });
        await client.call('release', { patterns: [path] });
      }
    }),
  );
  for (const client of clients) await client.close();
  held.sort((a, b) => a.from - b.from);
  const doubles = held.filter(({ from }, index) => index > 0 && from < (held[index - 1]?.until ?? 0)).length;
  report(`P12b grants in 15 s to ${CONTENDERS} contenders, ${mode}`, held.length, '> 2325');
  report(`P12b wait of a contender for the lock, ${mode}, p50 ms`, percentile(waits, 0.5), '-');
  report(`P12b wait of a contender for the lock, ${mode}, p99 ms`, percentile(waits, 0.99), '≤ 155');
  report(`P12b double grants, ${mode}`, doubles, '0');
}

/**
 * @param {string} mode
 * @param {Environment} env
 */
async function measureKills(mode, env) {
  const successor = await connectFront(env);
  /** @type {number[]} */
  const times = [];
  for (let round = 0; round < KILLS; round += 1) {
    const holder = await connectFront(env);
    await holder.call('acquire', { patterns: [path] });
    const waiting = successor.call('acquire', { patterns: [path], wait_seconds: 30 });
    // Only once it is in the queue.
    const watcher = await connectFront(env);
    await watcher.call('ping');
    await watcher.close();
    const took = await timed(async () => {
      process.kill(holder.pid, 'SIGKILL');
      const { acquired } = await waiting;
      if (acquired.length === 0) throw new Error('the lock was not granted within 30 s');
    });
    times.push(took);
    await successor.call('release', { patterns: [path] });
    await holder.close().catch(() => undefined);
  }
  await successor.close();
  report(`kill -9 of a holder → granted to another, ${mode}, median ms`, median(times), '≤ 2000');
  report(`kill -9 of a holder → granted to another, ${mode}, worst ms`, Math.max(...times), '≤ 2000');
}
