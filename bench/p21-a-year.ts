// P21: a year of eight agents' work, written by bulk SQL into an embedded store, after the jobs that delete: how large it is,
// and what acquire and the timeline take with it ÷ with an empty store. P21_DAYS makes it shorter.
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { rollUpChanges } from '../src/accountability/ledger/roll-up-changes.js';
import { listActivities } from '../src/accountability/timeline/list-activities.js';
import { purgeActivities } from '../src/accountability/timeline/purge-activities.js';
import { createExpiryRepository } from '../src/coordination/expiry/expiry-repository.js';
import { purgeHistory } from '../src/coordination/expiry/purge-history.js';
import { createLockRepository } from '../src/coordination/locks/lock-repository.js';
import type { PlacedPattern } from '../src/coordination/locks/lock-types.js';
import { createLocksService } from '../src/coordination/locks/locks-service.js';
import { migrate } from '../src/db/migrate.js';
import { NO_SIGNALS } from '../src/db/no-signals.js';
import { openPglite } from '../src/db/pglite/pglite-backend.js';
import { PglitePool } from '../src/db/pglite/pglite-pool.js';
import { DIMENSIONS } from '../src/embedding/embedding-types.js';
import { createLogger } from '../src/logger.js';
import { findPackage } from '../src/package-root.js';
import { createTelemetry } from '../src/telemetry/create-telemetry.js';
import { fillProject, jitter } from './support/fill-passages.js';
import { timed } from './support/mcp-client.mjs';
import { percentile, report } from './support/report.mjs';

const DAYS = Number(process.env.P21_DAYS ?? 365);
const AGENTS = 8;
/** Of one agent on one day. */
const DAILY = {
  connections: 4,
  tasks: 5,
  locks: 40,
  activities: 150,
  announcements: 2,
  notices: 5,
  requests: 150,
  memories: 2,
};
const ACTIVITY_DAYS = 365;
const ROUNDS = 100;
/** Days before those that are kept: the jobs have deleted what they deleted of these. */
const OLDER_DAYS = 30;

const folder = await mkdtemp(join(tmpdir(), 'ps-p21-'));
const logger = createLogger('silent', 'bench');
const telemetry = await createTelemetry({ telemetry: undefined, version: 'bench' }, logger);

async function open(name: string) {
  const backend = await openPglite(join(folder, name), { fsync: 'off' });
  const pool = new PglitePool(Promise.resolve(backend)) as unknown as Pool;
  await migrate(pool, findPackage().root);
  await pool.query(`INSERT INTO projects (id, root) VALUES ('proj', '/work')`);
  await pool.query(`INSERT INTO agents (id, project_id, name) VALUES ('agent_now', 'proj', 'Now')`);
  const repository = createLockRepository(pool);
  const locks = createLocksService({ repository, signals: NO_SIGNALS, telemetry, lifeSeconds: 900 });
  return {
    pool,
    locks,
    close: async () => {
      await pool.end();
      await backend.close();
    },
  };
}

/** One day after the other, the oldest first, each in a few statements. */
async function fill(pool: Pool): Promise<void> {
  const total = DAYS + OLDER_DAYS;
  for (let day = 0; day < total; day += 1) {
    const at = `now() - make_interval(days => ${total - day}) + n * interval '1 minute'`;
    const per = (count: number) => `generate_series(1, ${count * AGENTS}) n`;
    await pool.query(`
      INSERT INTO agents (id, project_id, name, client, status, connected_at, last_seen_at, disconnected_at)
      SELECT 'agent_${day}_' || n, 'proj', 'Name' || n, 'claude-code', 'disconnected', ${at}, ${at}, ${at} FROM ${per(DAILY.connections)};
      INSERT INTO sessions (id, project_id, agent_id, task, status, started_at, last_active_at, ended_at, summary)
      SELECT 'sess_${day}_' || n, 'proj', 'agent_${day}_' || 1 + n % ${DAILY.connections * AGENTS}, 'Task ' || n || ' of the day', 'completed', ${at}, ${at}, ${at}, repeat('What was done. ', 10)
      FROM ${per(DAILY.tasks)};
      INSERT INTO locks (id, project_id, worktree, agent_id, session_id, pattern, key, literal_prefix, is_glob, mode, origin, token, life_seconds, acquired_at, expires_at, ended_at, end_reason)
      SELECT 'lock_${day}_' || n, 'proj', '/work', 'agent_${day}_' || 1 + n % ${DAILY.connections * AGENTS}, NULL, p, p, p, false, 'exclusive', 'hook', nextval('lock_tokens'), 900, ${at}, ${at}, ${at}, 'released'
      FROM ${per(DAILY.locks)}, LATERAL (SELECT 'src/module-' || n % 97 || '/file-' || n || '.ts' AS p) q;
      INSERT INTO activities (project_id, agent_id, session_id, type, subject, metadata, created_at)
      SELECT 'proj', 'agent_${day}_' || 1 + n % ${DAILY.connections * AGENTS}, 'sess_${day}_' || 1 + n % ${DAILY.tasks * AGENTS}, (ARRAY['lock_acquired', 'lock_released', 'insight', 'task_started'])[1 + n % 4],
        'src/module-' || n % 97 || '/file-' || n || '.ts', jsonb_build_object('locks', jsonb_build_array(jsonb_build_object('id', 'lock_' || n, 'token', n))), ${at}
      FROM ${per(DAILY.activities)};
      INSERT INTO announcements (id, project_id, message, created_at)
      SELECT 'ann_${day}_' || n, 'proj', repeat('I move the module. ', 6), ${at} FROM ${per(DAILY.announcements)};
      INSERT INTO notices (project_id, agent_id, kind, facts, created_at)
      SELECT 'proj', 'agent_now', 'announcement', jsonb_build_object('message', repeat('I move the module. ', 6)), ${at} FROM ${per(DAILY.notices)};
      INSERT INTO usage_entries (client, keys, client_session, project_id, agent_id, session_id, model, occurred_at, input_tokens, output_tokens, cache_read_tokens, witnesses, grade, cost_usd, price_version)
      SELECT 'claude', ARRAY['request:${day}-' || n], 'client-${day}', 'proj', 'agent_${day}_' || 1 + slot % ${DAILY.connections * AGENTS}, 'sess_${day}_' || 1 + slot, 'claude-opus-5', ${at}, n % 1000, n % 3000, n % 90000, '{transcript}', 'transcript', (n % 977) * 0.000123, 'bench'
      FROM ${per(DAILY.requests)}, LATERAL (SELECT (n - 1) / ${DAILY.requests / DAILY.tasks} AS slot) s;
      INSERT INTO usage_keys (client, key, entry_id) SELECT client, keys[1], id FROM usage_entries WHERE client_session = 'client-${day}'`);
    await rollUpChanges(pool, { limit: 5_000 });
    // What the jobs delete every day.
    if (day % 30 === 0 || day === total - 1) {
      await createExpiryRepository(pool).purge();
      await purgeActivities(pool, ACTIVITY_DAYS);
      await purgeHistory(pool, ACTIVITY_DAYS);
    }
  }
  const zero = new Float32Array(DIMENSIONS);
  const notes = Array.from({ length: DAYS * AGENTS * DAILY.memories }, (_, n) => ({
    id: `insight_${n}`,
    text: `Module ${n} talks to the queue of service ${n % 97}. `.repeat(12),
    vector: jitter(zero, n),
  }));
  await fillProject(pool, 'proj', notes);
  await pool.query('VACUUM (ANALYZE)');
}

async function sizeOf(path: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const full = join(path, entry.name);
    bytes += entry.isDirectory() ? await sizeOf(full) : (await stat(full)).size;
  }
  return bytes;
}

const [empty, full] = [await open('empty'), await open('full')];
await fill(full.pool);
const actor = { projectId: 'proj', agentId: 'agent_now', sessionId: null };
const place = (path: string): PlacedPattern => ({
  ...{ pattern: path, key: path, literalPrefix: path, isGlob: false },
  ...{ board: 'proj', root: '/work', worktree: '/work', shown: path, isNew: false },
});
type Store = typeof full;
const works: Record<string, (store: Store) => Promise<unknown>> = {
  'acquire and release': async ({ locks }) => {
    await locks.acquire(actor, { patterns: [place('src/mine.ts')], mode: 'exclusive', waitSeconds: 0, origin: 'tool' });
    await locks.release(actor, [place('src/mine.ts')]);
  },
  timeline: ({ pool }) => listActivities(pool, { projectId: 'proj', limit: 50 }),
};
for (const [name, work] of Object.entries(works)) {
  const times: Record<string, number[]> = { empty: [], full: [] };
  for (let round = -10; round < ROUNDS; round += 1) {
    for (const [side, store] of Object.entries({ empty, full })) {
      const took = await timed(() => work(store));
      if (round >= 0) times[side]?.push(took);
    }
  }
  report(
    `P21 ${name} after ${DAYS} days ÷ in an empty store, p50`,
    percentile(times.full ?? [], 0.5) / percentile(times.empty ?? [], 0.5),
    '≤ 1.5',
  );
}
const { rows } = await full.pool.query<{ name: string; mb: number }>(
  `SELECT relname AS name, (pg_total_relation_size(oid) / 1e6)::float8 AS mb FROM pg_class
   WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC LIMIT 6`,
);
for (const { name, mb } of rows) report(`P21 ${name} after ${DAYS} days, MB`, mb, '-');
await full.close();
await empty.close();
report(
  `P21 the store after ${DAYS} days of ${AGENTS} agents, MB`,
  (await sizeOf(join(folder, 'full'))) / 1e6,
  '≤ 1,000',
);
await rm(folder, { recursive: true, force: true });
