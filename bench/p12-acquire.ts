// P12: acquire ÷ a raw INSERT … ON CONFLICT of the same row through pg, one after the other; then with 10,000 live locks
// beside it, and with eight processes that contend for one path.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import pg from 'pg';
import { createAgentRepository } from '../src/coordination/agents/agent-repository.js';
import { createLockRepository } from '../src/coordination/locks/lock-repository.js';
import type { PlacedPattern } from '../src/coordination/locks/lock-types.js';
import { createLocksService } from '../src/coordination/locks/locks-service.js';
import { NO_SIGNALS } from '../src/db/no-signals.js';
import { openSignals } from '../src/db/open-signals.js';
import { createPool } from '../src/db/pool.js';
import type { Signals } from '../src/db/signal-types.js';
import { createLogger } from '../src/logger.js';
import { createTelemetry } from '../src/telemetry/create-telemetry.js';
import { newId } from '../src/text/ids.js';
import { timed } from './support/mcp-client.mjs';
import { median, percentile, report } from './support/report.mjs';

const ROUNDS = 5;
const OPERATIONS = 400;
const CONTENDERS = 8;
const CONTEST_MS = 4_000;

const logger = createLogger('silent', 'bench');
const pool = createPool({ connectionString: process.env.DATABASE_URL ?? '', size: 1, logger });
const telemetry = await createTelemetry({ telemetry: undefined, version: 'bench' }, logger);
const createLocks = (signals: Signals) =>
  createLocksService({ repository: createLockRepository(pool), signals, telemetry, lifeSeconds: 900 });
const locks = createLocks(NO_SIGNALS);
const WORKTREE = '/bench';
const literal = (board: string, path: string): PlacedPattern => ({
  ...{ pattern: path, key: path, literalPrefix: path, isGlob: false },
  ...{ board, root: board, worktree: WORKTREE, shown: path, isNew: false },
});
const request = (board: string, path: string) =>
  ({ patterns: [literal(board, path)], mode: 'exclusive', waitSeconds: 0, origin: 'tool' }) as const;

async function connect(projectId: string, name: string) {
  const agentId = newId('agent_');
  const project = { id: projectId, root: projectId, worktree: WORKTREE };
  await createAgentRepository(pool).connect(project, {
    id: agentId,
    client: name,
    clientVersion: null,
    host: 'bench',
    pid: process.pid,
    terminal: null,
    branch: null,
    clientSession: null,
  });
  return { projectId, agentId, sessionId: null };
}

if (process.send) await contend();
else await measure();
await pool.end();

async function measure(): Promise<void> {
  const actor = await connect('proj_bench', 'bench');
  // The same row with the same indexes, as one durable statement.
  await pool.query('CREATE TABLE raw_locks (LIKE locks INCLUDING ALL)');
  const raw = (path: string) =>
    pool.query({
      name: 'raw',
      text: `INSERT INTO raw_locks (id, project_id, worktree, agent_id, pattern, key, literal_prefix, is_glob, mode, token, life_seconds, acquired_at, expires_at)
        VALUES ($1, $2, '${WORKTREE}', $3, $4, $4, $4, false, 'exclusive', 1, 900, now(), now() + interval '15 minutes') ON CONFLICT DO NOTHING`,
      values: [newId('lock_'), actor.projectId, actor.agentId, path],
    });
  const ratios: { p50: number[]; p99: number[] } = { p50: [], p99: [] };
  const alone: number[] = [];
  for (let round = -1; round < ROUNDS; round += 1) {
    const times: { acquire: number[]; raw: number[] } = { acquire: [], raw: [] };
    for (let i = 0; i < OPERATIONS; i += 1) {
      const path = `src/${round}/file-${i}.ts`;
      times.acquire.push(await timed(() => locks.acquire(actor, request(actor.projectId, path))));
      times.raw.push(await timed(() => raw(path)));
    }
    await pool.query(`UPDATE locks SET ended_at = now(), end_reason = 'released'`);
    if (round < 0) continue;
    ratios.p50.push(percentile(times.acquire, 0.5) / percentile(times.raw, 0.5));
    ratios.p99.push(percentile(times.acquire, 0.99) / percentile(times.raw, 0.99));
    alone.push(percentile(times.acquire, 0.5));
  }
  report('P12 acquire ÷ raw INSERT … ON CONFLICT, p50', median(ratios.p50), '≤ 1.6');
  report('P12 acquire ÷ raw INSERT … ON CONFLICT, p99', median(ratios.p99), '-');
  report('P12 acquire, p50, ms', median(alone), '-');
  await compareCrowds();
  await compareContest();
}

/** Acquire and release in a project with ten live locks and in one with ten thousand, alternately. */
async function compareCrowds(): Promise<void> {
  const crowds = await Promise.all(
    [10, 10_000].map(async (size) => {
      const projectId = `proj_crowd_${size}`;
      const others = await connect(projectId, 'others');
      await pool.query(
        `INSERT INTO locks (id, project_id, worktree, agent_id, pattern, key, literal_prefix, is_glob, mode, token, life_seconds, acquired_at, expires_at)
         SELECT 'lock_' || $1 || '_' || n, $1, '${WORKTREE}', $2, path, path, CASE WHEN glob THEN folder ELSE path END, glob, 'exclusive', n, 3600, now(), now() + interval '1 hour'
         FROM generate_series(1, $3::int) n,
           LATERAL (SELECT n % 10 = 0 AS glob, 'packages/p' || n % 97 || '/m' || n || '/' AS folder) f,
           LATERAL (SELECT CASE WHEN glob THEN folder || '**/*.ts' ELSE folder || 'index.ts' END AS path) p`,
        [projectId, others.agentId, size],
      );
      return { actor: await connect(projectId, 'newcomer'), ratios: [] as number[] };
    }),
  );
  const medians: number[][] = [[], []];
  for (let round = -1; round < ROUNDS; round += 1) {
    const times: number[][] = [[], []];
    for (let i = 0; i < OPERATIONS; i += 1) {
      for (const [index, { actor }] of crowds.entries()) {
        const path = `packages/p${i % 97}/mine/${round}-${i}.ts`;
        times[index]?.push(await timed(() => locks.acquire(actor, request(actor.projectId, path))));
        await locks.release(actor, [literal(actor.projectId, path)]);
      }
    }
    if (round >= 0) for (const [index, each] of times.entries()) medians[index]?.push(percentile(each, 0.5));
  }
  const [few, many] = medians as [number[], number[]];
  report(
    'P12 acquire with 10,000 live locks ÷ with 10, p50',
    median(many.map((value, i) => value / (few[i] ?? 1))),
    '≤ 1.5',
  );
}

/**
 * One process alone, then eight, acquire and release one path as fast as they can: waiting in the queue, as agents do,
 * and asking again and again without waiting.
 */
async function compareContest(): Promise<void> {
  const ratios: { queue: number[]; spin: number[] } = { queue: [], spin: [] };
  let doubles = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const single = await runContest(1, 'queue');
    for (const [how, each] of Object.entries(ratios)) {
      const many = await runContest(CONTENDERS, how);
      each.push(many.grants / single.grants);
      doubles += many.doubles;
    }
  }
  report(`P12 grants of ${CONTENDERS} contenders ÷ of one`, median(ratios.queue), '≥ 0.6');
  report(`P12 grants of ${CONTENDERS} contenders that do not wait ÷ of one`, median(ratios.spin), '-');
  report(`P12 double grants among ${CONTENDERS} contenders`, doubles, '0');
}

async function runContest(size: number, how: string): Promise<{ grants: number; doubles: number }> {
  const children = Array.from({ length: size }, () =>
    fork(process.argv[1] ?? '', [how], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
  );
  await Promise.all(children.map((child) => once(child, 'message')));
  const exited = children.map((child) => once(child, 'exit'));
  const ended = children.map((child) => once(child, 'message'));
  for (const child of children) child.send('go');
  const grants = (await Promise.all(ended)).flatMap(([intervals]) => intervals as [number, number][]);
  await Promise.all(exited);
  grants.sort(([a], [b]) => a - b);
  const doubles = grants.filter(([from], index) => index > 0 && from < (grants[index - 1]?.[1] ?? 0)).length;
  return { grants: grants.length, doubles };
}

/** A contender in its own process: intervals in which it knew itself to be the holder, in ms since the epoch. */
async function contend(): Promise<void> {
  const actor = await connect('proj_contest', 'contender');
  const signals = openSignals({
    connect: async () => {
      const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
      await client.connect();
      return { client, close: () => client.end() };
    },
    logger,
  });
  signals.join(actor.agentId);
  const service = createLocks(signals);
  const waitSeconds = process.argv[2] === 'queue' ? CONTEST_MS / 1_000 : 0;
  process.send?.('ready');
  await once(process, 'message');
  const held: [number, number][] = [];
  const now = () => performance.timeOrigin + performance.now();
  const until = now() + CONTEST_MS;
  while (now() < until) {
    const { granted } = await service.acquire(actor, { ...request(actor.projectId, 'src/contested.ts'), waitSeconds });
    if (granted.length === 0) continue;
    const from = now();
    held.push([from, now()]);
    await service.release(actor, [literal(actor.projectId, 'src/contested.ts')]);
  }
  await signals.close();
  await new Promise((resolve) => process.send?.(held, resolve));
  process.disconnect();
}
