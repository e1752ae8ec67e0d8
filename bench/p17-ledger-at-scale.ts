// P17: costs and the timeline with 1,000,000 rows ÷ with 1,000, in both modes: the same three months, projects, agents and tasks,
// a thousand times as many requests. P17_ROWS makes the larger one smaller, for a quick look.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg, { type Pool } from 'pg';
import type { CostKey } from '../src/accountability/costs/cost-types.js';
import { createCostsService } from '../src/accountability/costs/costs-service.js';
import { type ActivityFilter, listActivities } from '../src/accountability/timeline/list-activities.js';
import { migrate } from '../src/db/migrate.js';
import { openPglite } from '../src/db/pglite/pglite-backend.js';
import { PglitePool } from '../src/db/pglite/pglite-pool.js';
import { createPool } from '../src/db/pool.js';
import { createLogger } from '../src/logger.js';
import { findPackage } from '../src/package-root.js';
import { fillLedger, fillTimeline, HISTORY } from './support/fill-ledger.js';
import { interleave, percentile, report } from './support/report.mjs';

const FEW = 1_000;
const MANY = Number(process.env.P17_ROWS ?? 1_000_000);
const ROUNDS = 60;
const ZONE = 'America/New_York';
const END = Date.parse(HISTORY.from) + HISTORY.days * 86_400_000;
const daysAgo = (days: number) => new Date(Date.parse('2026-11-30T05:00:00Z') - days * 86_400_000);

/** Midnights of the time zone, but for the last. */
const WINDOW = { since: daysAgo(30), until: new Date(END) };

const COSTS: [string, { by: CostKey; projectId: string | null; since?: Date; until?: Date }][] = [
  ['day, all time', { by: 'day', projectId: 'proj_1' }],
  ['week, all time', { by: 'week', projectId: 'proj_1' }],
  ['month, all time', { by: 'month', projectId: 'proj_1' }],
  ['hour, 2 days', { by: 'hour', projectId: 'proj_1', since: daysAgo(2), until: WINDOW.until }],
  ['day, 30 days', { by: 'day', projectId: 'proj_1', ...WINDOW }],
  ['project, all time', { by: 'project', projectId: null }],
  ['agent, all time', { by: 'agent', projectId: 'proj_1' }],
  ['task, all time', { by: 'task', projectId: 'proj_1' }],
  ['model, all time', { by: 'model', projectId: 'proj_1' }],
  ['client, all time', { by: 'client', projectId: 'proj_1' }],
  ['model, 30 days', { by: 'model', projectId: 'proj_1', ...WINDOW }],
  ['task, 30 days', { by: 'task', projectId: 'proj_1', ...WINDOW }],
];

const TIMELINES: [string, Omit<ActivityFilter, 'projectId' | 'limit'>][] = [
  ['newest', {}],
  ['of an agent', { agentId: 'agent_7' }],
  ['of a type', { type: 'decision' }],
  ['since now', { since: new Date('2100-01-01') }],
];

async function fill(pool: Pool, rows: number): Promise<void> {
  await fillLedger(pool, rows);
  await fillTimeline(pool, rows);
  await pool.query('VACUUM (ANALYZE)');
}

async function compare(mode: string, small: Pool, large: Pool): Promise<void> {
  const [few, many] = [small, large].map((pool) => createCostsService({ pool, timezone: ZONE }));
  for (const [name, request] of COSTS) {
    await measure(
      `${mode} costs by ${name}`,
      () => few?.report(request),
      () => many?.report(request),
    );
  }
  for (const [name, filter] of TIMELINES) {
    const list = (pool: Pool) => listActivities(pool, { projectId: 'proj_1', limit: 20, ...filter });
    await measure(
      `${mode} timeline ${name}`,
      () => list(small),
      () => list(large),
    );
  }
}

async function measure(name: string, few: () => unknown, many: () => unknown): Promise<void> {
  const times = await interleave({ few: async () => few(), many: async () => many() }, ROUNDS);
  const p50 = (list: number[] | undefined) => percentile(list ?? [], 0.5);
  report(`P17 ${name}, p50 ÷ at ${FEW}`, p50(times.many) / p50(times.few), '≤ 1.5');
  report(`P17 ${name}, p50 ms`, p50(times.many), '-');
}

/** A migrated database of its own beside the one of DATABASE_URL. */
async function openServer(name: string): Promise<{ pool: Pool; close: () => Promise<void> }> {
  const url = new URL(process.env.DATABASE_URL ?? '');
  const admin = new pg.Client({ connectionString: url.href });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  url.pathname = `/${name}`;
  const logger = createLogger('silent', 'bench');
  const pool = createPool({ connectionString: url.href, size: 2, logger, statementTimeoutMs: 600_000 });
  await migrate(pool, findPackage().root);
  return {
    pool,
    async close() {
      await pool.end();
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.end();
    },
  };
}

async function openEmbedded(): Promise<{ pool: Pool; close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'popstash-p17-'));
  const backend = await openPglite(join(folder, 'db'));
  const pool = new PglitePool(Promise.resolve(backend));
  await migrate(pool, findPackage().root);
  return {
    pool,
    async close() {
      await pool.end();
      await backend.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

for (const mode of ['server', 'embedded'] as const) {
  const open = (name: string) => (mode === 'server' ? openServer(name) : openEmbedded());
  const [small, large] = [await open('p17_small'), await open('p17_large')];
  try {
    await fill(small.pool, FEW);
    await fill(large.pool, MANY);
    await compare(mode, small.pool, large.pool);
  } finally {
    await small.close();
    await large.close();
  }
}
