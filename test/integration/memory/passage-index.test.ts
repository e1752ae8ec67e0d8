// The passages that an embedded server holds in memory give the answers of its database, whatever changes there.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrateEmbedded } from '../../../src/app/storage/migrate-embedded.js';
import { type OpenSignals, openSignals } from '../../../src/db/open-signals.js';
import { openPglite, type PgliteBackend } from '../../../src/db/pglite/pglite-backend.js';
import { PglitePool } from '../../../src/db/pglite/pglite-pool.js';
import { createLogger } from '../../../src/logger.js';
import { MEMORY_KINDS } from '../../../src/memory/memory-types.js';
import { holdProjects, type PassageHolder } from '../../../src/memory/passage-index/hold-projects.js';
import { createRecallRepository } from '../../../src/memory/recall/recall-repository.js';
import { createSearch } from '../../../src/memory/search/search.js';
import type { HeldProjects, SearchRequest } from '../../../src/memory/search/search-types.js';
import { findPackage } from '../../../src/package-root.js';
import { writeMemory } from '../../support/memory/write-memories.js';
import { createRandom } from '../../support/secrets/random-text.js';

const WORDS =
  'cache queue login token retry deploy worker index parser schema lock timeout migrations running fairness the of to is and with why never always'.split(
    ' ',
  );
const RARE = [
  'PROJ-1234',
  'lib/auth.ts',
  'parseHTTPConfig',
  'max_size',
  '数据库连接池',
  'データベース',
  'naïve',
  "don't",
  'a\\b',
  'v1.2.3',
];

const logger = createLogger('silent', 'test');

let folder: string;
let backend: PgliteBackend;
let pool: PglitePool;
let signals: OpenSignals;
let holder: PassageHolder;
let random: ReturnType<typeof createRandom>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'popstash-index-'));
  backend = await openPglite(join(folder, 'db'), { fsync: 'off' });
  pool = new PglitePool(Promise.resolve(backend));
  await migrateEmbedded(pool, findPackage().root);
  const connect = async () => {
    const client = await pool.connect();
    return { client, close: async () => client.release(true) };
  };
  signals = openSignals({ connect, logger });
});

beforeEach(async () => {
  await pool.query('TRUNCATE projects CASCADE');
  random = createRandom(12);
  holder = holdProjects({ pool, signals, logger });
});

afterEach(async () => {
  await holder.close();
});

afterAll(async () => {
  await signals.close();
  await pool.end();
  await backend.close();
  await rm(folder, { recursive: true, force: true });
});

/** Opens a project that is to be in memory, and fails where it is not. */
const held: HeldProjects = {
  async open(projectId) {
    const project = await holder.open(projectId);
    expect(project, `${projectId} is in memory`).not.toBeNull();
    return project;
  },
};

async function hold(...projects: string[]): Promise<void> {
  for (const project of projects) await holder.open(project);
  await holder.settled();
}

const below = (limit: number) => Math.floor(random() * limit);
const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;

function text(): string {
  const words = Array.from({ length: 2 + below(9) }, () => pick(random() < 0.12 ? RARE : WORDS));
  return words.join(' ').repeat(random() < 0.06 ? 140 : 1);
}

/** Few directions and steps, so that many memories are equally near. */
const direction = () => ({ [below(4)]: 0.3 + below(4) / 10 });

async function writeAny(project: string): Promise<string> {
  const kind = pick(MEMORY_KINDS);
  return await writeMemory(pool, {
    project,
    kind,
    text: text(),
    ...(random() < 0.5 && { name: `${text().slice(0, 30)} ${below(1e6)}` }),
    ...(random() < 0.8 && { vector: direction() }),
    ...(kind === 'stash' && random() < 0.3 && { expiresAt: random() < 0.5 ? '2020-01-01' : '2999-01-01' }),
  });
}

async function compare(project: string, query: string, more: Partial<SearchRequest> = {}): Promise<void> {
  const vector = new Float32Array(384);
  vector[below(4)] = 0.8;
  vector[383] = 0.6;
  const queryEmbedder = { embedQuery: () => Promise.resolve(vector), close: () => Promise.resolve() };
  const request: SearchRequest = {
    projectId: project,
    query,
    kinds: MEMORY_KINDS,
    limit: 300,
    minimumScore: 0,
    ...more,
  };
  const [inMemory, inDatabase] = [
    createSearch({ pool, queryEmbedder, held }),
    createSearch({ pool, queryEmbedder, largeProject: Number.MAX_SAFE_INTEGER }),
  ];
  const round = (value: number | null) => (value === null ? null : Number(value.toFixed(9)));
  const hitsOf = async (search: typeof inMemory) =>
    (await search.search(request)).hits.map((hit) => ({
      ...hit,
      score: round(hit.score),
      lexical: round(hit.lexical),
      nameMatch: round(hit.nameMatch),
    }));
  const expected = await hitsOf(inDatabase);
  expect(await hitsOf(inMemory), query).toEqual(expected);
  const ids = expected.slice(0, 5).map(({ id }) => id);
  expect(await inMemory.locate(project, query, ids)).toEqual(await inDatabase.locate(project, query, ids));
}

async function compareMany(queries: number, ...projects: string[]): Promise<void> {
  for (let i = 0; i < queries; i++) {
    const kinds = random() < 0.7 ? MEMORY_KINDS : [pick(MEMORY_KINDS)];
    const retriever = pick([undefined, undefined, 'lexical', 'vector'] as const);
    await compare(pick(projects), text().slice(0, 90), { kinds, ...(retriever && { retriever }) });
  }
}

/** Decisions that came after memories, of which the database knows those whose passages a test has taken, too. */
async function compareLater(project: string): Promise<number> {
  const queryEmbedder = { embedQuery: () => Promise.resolve(null), close: () => Promise.resolve() };
  const { rows } = await pool.query<{ id: string }>(
    `SELECT DISTINCT owner_id AS id FROM passages WHERE project_id = $1 ORDER BY 1`,
    [project],
  );
  const ids = rows.map(({ id }) => id);
  const later = await createRecallRepository(pool).findLaterDecisions(project, ids);
  const inDatabase = new Map(later.map(({ ownerId, decisionId }) => [ownerId, decisionId]));
  const inMemory = await createSearch({ pool, queryEmbedder, held }).findLater(project, ids);
  expect(new Map([...(inMemory ?? [])].sort())).toEqual(new Map([...inDatabase].sort()));
  return later.length;
}

describe('hits, scores and their order are those of the database', () => {
  it('for random memories, ties and two projects included', async () => {
    for (let i = 0; i < 250; i++) await writeAny(i % 5 === 0 ? 'other' : 'project');
    await hold('project', 'other');
    await compareMany(40, 'project', 'other');
    expect(await compareLater('project')).toBeGreaterThan(50);
    expect(await compareLater('other')).toBeGreaterThan(10);
  });

  it('after changes, whoever makes them', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 80; i++) ids.push(await writeAny('project'));
    await hold('project', 'other');
    await pool.query(`INSERT INTO projects (id, root) VALUES ('other', '/other') ON CONFLICT DO NOTHING`);
    const changes = [
      () => writeAny('project'),
      () => pool.query('DELETE FROM passages WHERE owner_id = $1', [pick(ids)]),
      () => pool.query('UPDATE passages SET embedding = NULL, embedded_at = NULL WHERE owner_id = $1', [pick(ids)]),
      () => pool.query(`UPDATE passages SET expires_at = '2020-01-01' WHERE owner_id = $1`, [pick(ids)]),
      () => pool.query(`UPDATE passages SET project_id = 'other' WHERE owner_id = $1`, [pick(ids)]),
      () =>
        pool.query(
          `UPDATE passages SET tsv = popstash_tsvector('cache'), lexeme_count = 1 WHERE owner_id = $1 AND tsv IS NOT NULL`,
          [pick(ids)],
        ),
    ];
    for (let i = 0; i < 30; i++) {
      await pick(changes)();
      await compareMany(1, 'project', 'other');
    }
  });
});

const find = async (project: string, query: string) => {
  const queryEmbedder = { embedQuery: () => Promise.resolve(null), close: () => Promise.resolve() };
  const { hits } = await createSearch({ pool, queryEmbedder, held }).search({
    projectId: project,
    query,
    kinds: MEMORY_KINDS,
    limit: 5,
  });
  return hits.map(({ id }) => id);
};

describe('changes', () => {
  it('are asked for only where there were some', async () => {
    await writeMemory(pool, { text: 'the zebra crossing' });
    await hold('project');
    // The first question after a start tells whether signals are heard.
    await held.open('project');
    const asked: string[] = [];
    const query = pool.query.bind(pool) as (config: { name?: string }) => Promise<unknown>;
    pool.query = ((config: { name?: string }) => {
      asked.push(config.name ?? '');
      return query(config);
    }) as typeof pool.query;
    try {
      await held.open('project');
      await held.open('project');
      expect(asked).toEqual([]);
      const client = await pool.connect();
      await client.query(`UPDATE passages SET lexeme_count = lexeme_count`);
      client.release();
      await held.open('project');
      expect(asked).toEqual(['take-changed-passages', 'read-passages-by-id']);
    } finally {
      pool.query = query as typeof pool.query;
    }
  });

  it('of a transaction that is rolled back leave nothing', async () => {
    const kept = await writeMemory(pool, { text: 'the zebra crossing' });
    await hold('project');
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query('DELETE FROM passages');
    await client.query('ROLLBACK');
    client.release();
    expect(await find('project', 'zebra')).toEqual([kept]);
  });

  it('that are too many, or a setting that somebody resets, have the project read again', async () => {
    await hold('project');
    for (const forget of [
      async () => {
        for (let i = 0; i < 3; i++)
          await pool.query(
            `INSERT INTO passages (project_id, owner_kind, owner_id, start_offset, end_offset, content_hash)
             SELECT 'project', 'insight', 'many', n, n + 1, '' FROM generate_series($1::int, $2::int) n`,
            [1_000 * i, 1_000 * i + 999],
          );
      },
      () => pool.query('RESET ALL'),
      () => pool.query('TRUNCATE passages'),
    ]) {
      const id = await writeMemory(pool, { text: 'a zebra once more' });
      await forget();
      expect(await holder.open('project')).toBeNull();
      await holder.settled();
      const { rows } = await pool.query('SELECT FROM passages WHERE owner_id = $1', [id]);
      expect(await find('project', 'zebra')).toEqual(rows.length > 0 ? expect.arrayContaining([id]) : []);
    }
  });

  it('made while a project is being read are in it', async () => {
    for (let i = 0; i < 30; i++) await writeMemory(pool, { text: `note ${i} of a busy day` });
    const opened = holder.open('project');
    const late = await writeMemory(pool, { text: 'a zebra arrives late' });
    await opened;
    await holder.settled();
    expect(await find('project', 'zebra')).toEqual([late]);
  });
});
