import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildDatabase } from '../../src/app/storage/build-database.js';
import { createAgentRepository } from '../../src/coordination/agents/agent-repository.js';
import { createLockRepository } from '../../src/coordination/locks/lock-repository.js';
import { openPglite, type PgliteBackend } from '../../src/db/pglite/pglite-backend.js';
import { PglitePool } from '../../src/db/pglite/pglite-pool.js';
import { vacuumTables } from '../../src/db/pglite/vacuum-tables.js';
import { createPool } from '../../src/db/pool.js';
import { EMBEDDING_MODEL } from '../../src/embedding/embedding-types.js';
import { createLogger } from '../../src/logger.js';
import { createDecisionRepository } from '../../src/memory/decisions/decision-repository.js';
import { findSimilarInsights } from '../../src/memory/insights/find-similar.js';
import { createInsightRepository } from '../../src/memory/insights/insight-repository.js';
import { fetchPending, findOutdated, writeVectors } from '../../src/memory/passages/passage-repository.js';
import { createRecallRepository } from '../../src/memory/recall/recall-repository.js';
import { createStashRepository } from '../../src/memory/stashes/stash-repository.js';
import { findPackage } from '../../src/package-root.js';
import { newId } from '../../src/text/ids.js';
import { toPlaced } from '../support/locks/lock-services.js';
import { unitVector } from '../support/memory/write-memories.js';
import { createTestDatabase } from '../support/setup/database.js';

/** Memories of each kind, of agents and of locks that have ended. */
const MANY = 3_000;
/** A statement that looks for one row by what it knows of it reads no more than this. */
const FEW = 60;
const TABLES = ['insights', 'stashes', 'decisions', 'passages', 'agents', 'locks', 'activities'];

const actor = { projectId: 'p', agentId: 'agent_me', sessionId: null };
const folder = await mkdtemp(join(tmpdir(), 'popstash-rows-'));
const server = await createTestDatabase();
const pools: Record<string, Pool> = {
  server: createPool({ connectionString: server.url, size: 1, logger: createLogger('silent', 'test') }),
};
let backend: PgliteBackend;

beforeAll(async () => {
  await buildDatabase(join(folder, 'db'), findPackage().root);
  backend = await openPglite(join(folder, 'db'), { fsync: 'off' });
  pools.embedded = new PglitePool(Promise.resolve(backend));
  // Nobody but the test itself may bring statistics up to date.
  await server.pool.query(TABLES.map((table) => `ALTER TABLE ${table} SET (autovacuum_enabled = false)`).join('; '));
});

afterAll(async () => {
  await Promise.all(Object.values(pools).map((pool) => pool.end()));
  await backend.close();
  await rm(folder, { recursive: true, force: true });
});

const FILL = `
  INSERT INTO insights (id, project_id, key, version, content)
    SELECT 'insight_' || n, 'p', CASE WHEN n % 3 = 0 THEN 'key ' || n END, 1, 'number' || n || ' of many insights' FROM generate_series(1, ${MANY}) n;
  INSERT INTO stashes (id, project_id, name, version, summary)
    SELECT 'stash_' || n, 'p', 'name ' || n, 1, 'number' || n || ' of many stashes' FROM generate_series(1, ${MANY}) n;
  INSERT INTO decisions (id, project_id, topic, decision)
    SELECT 'dec_' || n, 'p', 'topic ' || n, 'number' || n || ' of many decisions' FROM generate_series(1, ${MANY}) n;
  INSERT INTO passages (project_id, owner_kind, owner_id, start_offset, end_offset, content_hash, tsv, lexeme_count, embedding, embedding_model, embedded_at)
    SELECT 'p', owner_kind, owner_id, 0, length(body), sha256(convert_to(body, 'UTF8')), popstash_tsvector(body), 5,
           '[${unitVector({ 0: 1 }).join(',')}]', '${EMBEDDING_MODEL}', now()
    FROM memory_texts WHERE owner_id ~ '_[0-9]{1,4}$';
  INSERT INTO agents (id, project_id, name, status) SELECT 'agent_' || n, 'p', 'other', 'disconnected' FROM generate_series(1, ${MANY}) n;
  INSERT INTO locks (id, project_id, worktree, agent_id, pattern, key, literal_prefix, is_glob, mode, token, life_seconds, acquired_at, expires_at, ended_at)
    SELECT 'lock_' || n, 'p', '/nowhere', 'agent_' || n, 'f' || n, 'f' || n, 'f' || n, false, 'exclusive', n, 900, now(), now() + interval '1 hour',
           CASE WHEN n % 2 = 0 THEN now() END FROM generate_series(1, ${MANY}) n;`;

async function countRowsRead(pool: Pool): Promise<number> {
  await pool.query('SELECT pg_stat_force_next_flush()');
  const { rows } = await pool.query<{ read: number }>(
    'SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int AS read FROM pg_stat_user_tables',
  );
  return rows[0]?.read ?? 0;
}

/** Calls after which a statement's plan is a lasting one. */
const CALLS = 8;

/** Rows that one call reads, on average. */
async function rowsReadBy(pool: Pool, work: (n: number) => Promise<unknown>): Promise<number> {
  const before = await countRowsRead(pool);
  for (let n = 0; n < CALLS; n += 1) await work(n);
  return ((await countRowsRead(pool)) - before) / CALLS;
}

const decision = { decision: 'yes', reasoning: null, supersedes: null };
const stash = { summary: 's', files: [], metadata: {}, ttlDays: null };
const path = (n: number) => toPlaced(`mine${n}`, 'p');
const attempt = {
  mode: 'exclusive',
  lifeSeconds: 900,
  origin: 'tool',
  task: null,
  waiter: null,
  keeper: 'keeper_1',
  wait: false,
} as const;

const WORK: Record<string, (pool: Pool, n: number) => Promise<unknown>> = {
  insight: (pool, n) =>
    createInsightRepository(pool).save(actor, { id: newId('insight_'), key: null, content: `new ${n}`, tags: [] }),
  'insight of a known key': (pool, n) =>
    createInsightRepository(pool).save(actor, { id: newId('insight_'), key: 'key 3', content: `new ${n}`, tags: [] }),
  stash: (pool, n) => createStashRepository(pool).save(actor, { ...stash, id: newId('stash_'), name: `name ${n}` }),
  decision: (pool, n) =>
    createDecisionRepository(pool).save(actor, { ...decision, id: newId('dec_'), topic: `topic ${n}` }),
  'decisions on a topic': (pool, n) => createDecisionRepository(pool).findOnTopic('p', `topic ${n + 20}`, null),
  'vectors of a former model': (pool) => findOutdated(pool, 32),
  'vector of a passage': async (pool, n) => {
    const content = `to embed ${n}`;
    const { passageIds } = await createInsightRepository(pool).save(actor, {
      id: newId('insight_'),
      key: null,
      content,
      tags: [],
    });
    const [found] = await fetchPending(pool, passageIds);
    await writeVectors(pool, [{ id: found?.id ?? '', hash: found?.hash ?? '', vector: unitVector({ 1: 1 }) }]);
  },
  'similar insights': (pool, n) =>
    findSimilarInsights(createInsightRepository(pool), 'p', `nobody wrote anything like it ${n}`),
  'hits by id': (pool, n) => createRecallRepository(pool).findByIds('p', [`insight_${n + 1}`, `dec_${n + 1}`], 1_000),
  lock: (pool, n) =>
    createLockRepository(pool).acquire(actor, {
      ...attempt,
      ids: [newId('lock_')],
      patterns: [path(n)],
      compared: { free: [], overlapping: [] },
      describe: true,
    }),
  release: (pool, n) => createLockRepository(pool).releasePaths(actor, [path(n)]),
};

describe.each(['server', 'embedded'])(
  '%s: on tables that grew since their plans were made, reads few rows:',
  (mode) => {
    const pool = () => pools[mode] as Pool;

    beforeAll(async () => {
      const agent = {
        ...{ id: actor.agentId, client: 'me', clientVersion: null, clientSession: null },
        ...{ host: 'h', pid: 1, terminal: null, branch: null },
      };
      await createAgentRepository(pool()).connect({ id: 'p', root: '/p', worktree: '/p' }, agent);
      for (const work of Object.values(WORK)) for (let n = 0; n < CALLS; n += 1) await work(pool(), n);
      await pool().query(`UPDATE insights SET key = NULL; DELETE FROM stashes; DELETE FROM passages`);
      await (mode === 'server' ? server.pool : pool()).query(FILL);
    }, 60_000);

    test.each(Object.keys(WORK))('%s', async (name) => {
      expect(await rowsReadBy(pool(), (n) => WORK[name]?.(pool(), n) ?? Promise.reject(new Error(name)))).toBeLessThan(
        FEW,
      );
    });

    test('a lock, by its lookup key alone', async () => {
      const countScans = async () => {
        await pool().query('SELECT pg_stat_force_next_flush()');
        const { rows } = await pool().query<{ name: string; scans: number }>(
          `SELECT indexrelname AS name, idx_scan::int AS scans FROM pg_stat_user_indexes WHERE relname = 'locks'`,
        );
        return new Map(rows.map(({ name, scans }) => [name, scans]));
      };
      const before = await countScans();
      for (let n = 0; n < CALLS; n += 1) {
        await WORK.lock?.(pool(), 1_000 + n);
        await WORK.release?.(pool(), 1_000 + n);
      }
      const used = [...(await countScans())].filter(([name, scans]) => scans > (before.get(name) ?? 0));
      expect(used.map(([name]) => name).sort()).toEqual(['locks_live_lookup_idx', 'locks_pkey']);
    });
  },
);

describe('vacuuming an embedded database', () => {
  const pool = () => pools.embedded as Pool;

  test('analyzes what has grown, vacuums what has dead rows, and then leaves both alone', async () => {
    expect(await vacuumTables(pool())).toEqual(
      expect.arrayContaining(['public.insights', 'public.passages', 'public.locks']),
    );
    const { rows } = await pool().query<{ n: number }>(
      `SELECT reltuples::int AS n FROM pg_class WHERE relname = 'passages'`,
    );
    expect(rows[0]?.n).toBeGreaterThan(3 * MANY);
    expect(await vacuumTables(pool())).toEqual([]);
    await pool().query(`DELETE FROM locks WHERE ended_at IS NOT NULL`);
    await pool().query('SELECT pg_stat_force_next_flush()');
    expect(await vacuumTables(pool())).toEqual(['public.locks']);
  });

  test('leaves no index of vectors to repair', async () => {
    const { rows } = await pool().query(`SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%hnsw%'`);
    expect(rows).toEqual([]);
  });
});
