import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { refreshLexemeStats } from '../../../src/memory/search/refresh-lexeme-stats.js';
import { createSearch } from '../../../src/memory/search/search.js';
import type { Search, SearchOutcome, SearchRequest } from '../../../src/memory/search/search-types.js';
import { type MemoryToWrite, unitVector, writeMemory } from '../../support/memory/write-memories.js';
import { createTestDatabase, type TestDatabase } from '../../support/setup/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

beforeEach(async () => {
  await database.pool.query('TRUNCATE projects CASCADE');
});

/** A search whose queries all have the given vector; null stands for a model that does not answer in time. */
function searchWith(vector: Float32Array | null, largeProject?: number): Search {
  const queryEmbedder = { embedQuery: () => Promise.resolve(vector), close: () => Promise.resolve() };
  return createSearch({ pool: database.pool, queryEmbedder, ...(largeProject !== undefined && { largeProject }) });
}

const ALONG_FIRST = unitVector({ 0: 1 });

function ask(search: Search, query: string, more: Partial<SearchRequest> = {}): Promise<SearchOutcome> {
  return search.search({ projectId: 'project', query, kinds: ['insight', 'stash', 'decision'], limit: 5, ...more });
}

const write = (memory: MemoryToWrite): Promise<string> => writeMemory(database.pool, memory);
const ids = (outcome: SearchOutcome): string[] => outcome.hits.map((hit) => hit.id);

describe('exact evidence comes first', () => {
  it('puts the memory with the ticket number before twenty alike that are nearer in meaning', async () => {
    const tickets: string[] = [];
    for (let n = 0; n < 20; n++) {
      const text = `PROJ-${1200 + n}: the checkout page fails to load the basket of a returning customer`;
      tickets.push(await write({ text, vector: { 0: n === 7 ? 0.45 : 0.75 } }));
    }
    const search = searchWith(ALONG_FIRST);
    for (const query of ['PROJ-1207', 'what was the cause of PROJ-1207?', 'proj-1207 checkout']) {
      expect(ids(await ask(search, query))[0]).toBe(tickets[7]);
    }
  });

  it('puts a memory of that name first, whatever its kind', async () => {
    const wanted = {
      stash: await write({ kind: 'stash', name: 'auth-refactor', text: 'tokens', vector: { 0: 0.1 } }),
      insight: await write({ name: 'deploy-window', text: 'not on Fridays', vector: { 0: 0.1 } }),
      decision: await write({ kind: 'decision', name: 'state management', text: 'Zustand', vector: { 0: 0.1 } }),
    };
    await write({ text: 'auth-refactor, deploy-window and state management all at once', vector: { 0: 0.9 } });
    const search = searchWith(ALONG_FIRST);
    expect((await ask(search, 'auth-refactor')).hits[0]).toMatchObject({ id: wanted.stash, score: 1, nameMatch: 1 });
    expect((await ask(search, 'Deploy-Window')).hits[0]).toMatchObject({
      id: wanted.insight,
      why: expect.stringContaining('exact name'),
    });
    expect(ids(await ask(search, 'state management'))[0]).toBe(wanted.decision);
    expect(ids(await ask(searchWith(null), 'auth-refactr'))).toContain(wanted.stash);
  });

  it.each([
    ['Straße im Plan', 'STRASSE IM PLAN'],
    ['ＡＰＩ limits', 'api LIMITS'],
    ['Cafe\u0301 menu', 'CAF\u00c9 MENU'],
    ['ПЛАН работ', 'план РАБОТ'],
  ])('names are found as they are compared: %s by %s', async (name, query) => {
    const stash = await write({ kind: 'stash', name, text: 'tokens', vector: { 0: 0.1 } });
    const insight = await write({ name, text: 'not on Fridays', vector: { 0: 0.1 } });
    const decision = await write({ kind: 'decision', name, text: 'Zustand', vector: { 0: 0.1 } });
    const { hits } = await ask(searchWith(null), query);
    expect(hits.map(({ id }) => id).sort()).toEqual([stash, insight, decision].sort());
    for (const hit of hits) expect(hit).toMatchObject({ nameMatch: 1 });
  });

  it('finds FastAPI by "fastapi" and by "fast", and getUserById by its parts', async () => {
    const framework = await write({ text: 'The service runs on FastAPI behind nginx.' });
    const code = await write({ text: 'Call getUserById() instead of a query of your own.' });
    const search = searchWith(null);
    expect(ids(await ask(search, 'fastapi'))).toEqual([framework]);
    expect(ids(await ask(search, 'fast api'))[0]).toBe(framework);
    expect(ids(await ask(search, 'user by id'))[0]).toBe(code);
    expect(ids(await ask(search, 'getuserbyid'))[0]).toBe(code);
  });
});

it('explains a hit by the words as the user wrote them', async () => {
  await write({ text: 'The migrations of a mat: parsing is retried.' });
  const { hits } = await ask(searchWith(null), 'matching mats, migrate, parseHTTPConfig');
  // Their stems are mat, migrat and pars; matching begins with mat, but its stem is match.
  expect(hits[0]?.why).toBe('words: mats, migrate, parse');
});

describe('read your writes', () => {
  it('finds a memory without a vector by its words and its name, among others that have one', async () => {
    for (let n = 0; n < 10; n++) await write({ text: `routine note ${n} about nothing`, vector: { 0: 0.35 } });
    const fresh = await write({ name: 'zebra-policy', text: 'The zebrafish importer must be retried twice.' });
    const search = searchWith(ALONG_FIRST);
    expect((await ask(search, 'zebrafish importer')).hits[0]).toMatchObject({ id: fresh, cosine: null });
    expect(ids(await ask(search, 'zebra-policy'))[0]).toBe(fresh);
    expect((await ask(search, 'zebrafish importer')).degraded).toEqual([]);
  });

  it('does not let a memory without a vector pass one that answers better', async () => {
    const fresh = await write({ text: 'Retry the payment webhook.' });
    const answer = await write({ text: 'Retry the payment webhook three times with backoff.', vector: { 0: 0.85 } });
    expect(ids(await ask(searchWith(ALONG_FIRST), 'how often is the payment webhook retried'))).toEqual([
      answer,
      fresh,
    ]);
  });

  it('answers by words alone when the query gets no vector, and says so', async () => {
    const wanted = await write({ text: 'Sessions are kept in Redis for an hour.', vector: { 0: 0.9 } });
    await write({ text: 'The colour of buttons is teal.', vector: { 0: 0.9 } });
    const outcome = await ask(searchWith(null), 'how long does Redis keep sessions');
    expect(ids(outcome)).toEqual([wanted]);
    expect(outcome.degraded).toEqual(['embedding']);
    expect(outcome.hits[0]?.why).toBe('words: redis, sessions');
  });

  it('does not hide strong words because of a low cosine', async () => {
    const wanted = await write({ text: 'The frobnicator is off.', vector: { 0: -0.1 } });
    for (let n = 0; n < 5; n++) await write({ text: `other ${n}`, vector: { 0: 0.15 } });
    expect(ids(await ask(searchWith(ALONG_FIRST), 'frobnicator'))).toEqual([wanted]);
  });
});

describe('what must not be found', () => {
  it('returns nothing when nothing is relevant', async () => {
    for (let n = 0; n < 10; n++) await write({ text: `note ${n} on database indexes`, vector: { 0: 0.1 + n / 100 } });
    expect((await ask(searchWith(ALONG_FIRST), 'favourite pizza of the team')).hits).toEqual([]);
    expect((await ask(searchWith(null), 'favourite pizza')).hits).toEqual([]);
  });

  it('leaves out other projects, other kinds and what has expired', async () => {
    const live = await write({ kind: 'stash', name: 'retry plan', text: 'retry twice', vector: { 0: 0.8 } });
    await write({
      kind: 'stash',
      name: 'retry-plan',
      text: 'retry thrice',
      vector: { 0: 0.9 },
      expiresAt: '2020-01-01',
    });
    await write({ kind: 'decision', name: 'retry plans', text: 'retry once', vector: { 0: 0.9 } });
    await write({ project: 'other', kind: 'stash', name: 'retry plan', text: 'retry', vector: { 0: 0.9 } });
    const only = { kinds: ['stash'] as const };
    for (const vector of [ALONG_FIRST, null]) {
      expect(ids(await ask(searchWith(vector), 'retry plan', only))).toEqual([live]);
      expect(ids(await ask(searchWith(vector), 'retry-plan', only))).toEqual([live]);
    }
    expect(ids(await ask(searchWith(ALONG_FIRST, 1), 'retry plan', only))).toEqual([live]);
  });

  it('names a memory of several passages once, by its best', async () => {
    const filler = 'The quick brown fox jumps over the lazy dog. '.repeat(200);
    const long = await write({ text: `${filler} The kumquat limit is 7. ${filler}`, vector: { 0: 0.5 } });
    const outcome = await ask(searchWith(null), 'kumquat limit');
    expect(ids(outcome)).toEqual([long]);
  });
});

describe('any query is safe and bounded', () => {
  const queries = [
    '',
    ' ',
    '🦓🦓',
    'the of and',
    `a & | ! <-> :* 'b`,
    `it's "quoted" \\ back\\\\slash '; DROP TABLE passages; --`,
    '%_%',
    '=',
    '((((',
    '日本語 テスト',
    'word '.repeat(10_000),
    'x'.repeat(100_000),
    'PROJ-1 '.repeat(3_000),
    '\u{1F600}'.repeat(4_000),
    Array.from({ length: 3_000 }, (_, n) => `term${n}`).join(' '),
    '/a/b.c'.repeat(2_000),
  ];
  it.each(queries.map((query) => [query.slice(0, 24), query]))('%j', async (_name, query) => {
    for (let n = 0; n < 8; n++) await write({ text: `the word ${n} of PROJ-${n}`, vector: { 0: 0.1 } });
    for (const search of [searchWith(ALONG_FIRST), searchWith(null), searchWith(ALONG_FIRST, 1)]) {
      const outcome = await ask(search, query, { limit: 3 });
      expect(outcome.hits.length).toBeLessThanOrEqual(3);
      for (const hit of outcome.hits) {
        expect(hit.score).toBeGreaterThanOrEqual(0);
        expect(hit.score).toBeLessThanOrEqual(1);
      }
    }
  });
});

describe('large projects', () => {
  async function writeMany(project: string, count: number, near: number): Promise<void> {
    await database.pool.query('INSERT INTO projects (id, root) VALUES ($1, $1)', [project]);
    // Vectors that differ from one another, with a known part along the first axis.
    await database.pool.query(
      `INSERT INTO passages (project_id, owner_kind, owner_id, start_offset, end_offset, content_hash, tsv, lexeme_count, embedding, embedded_at)
       SELECT $1, 'insight', $1 || '_' || n, 0, 1, '', t.tsv, popstash_length(t.tsv), v.v, now()
       FROM generate_series(1, $2::integer) n,
         LATERAL (SELECT popstash_tsvector('the common word number ' || n) AS tsv) t,
         LATERAL (SELECT l2_normalize(array_agg(CASE WHEN i = 1 THEN $3::float8 + n * 0.002 ELSE sin(n * 31 + i * 7) / 4 END ORDER BY i)::vector(384)) AS v
                  FROM generate_series(1, 384) i) v`,
      [project, count, near],
    );
  }

  it('ranks by the index as the exact comparison does, and keeps the settings to itself', async () => {
    await writeMany('project', 400, 2);
    await writeMany('other', 100, 2.5);
    const request = { retriever: 'vector', limit: 10 } as const;
    const exact = await ask(searchWith(ALONG_FIRST), 'anything', request);
    const indexed = await ask(searchWith(ALONG_FIRST, 100), 'anything', request);
    expect(ids(indexed)).toEqual(ids(exact));
    expect(exact.hits.every((hit) => hit.id.startsWith('project_'))).toBe(true);
    const { rows } = await database.pool.query(`SHOW enable_seqscan`);
    expect(rows[0]).toEqual({ enable_seqscan: 'on' });
  });

  it('finds as many as are asked for in a project that is a small share of the table', async () => {
    await writeMany('crowd', 1_500, 9);
    await writeMany('project', 15, 0.1);
    const outcome = await ask(searchWith(ALONG_FIRST, 10), 'anything', { retriever: 'vector', limit: 10 });
    expect(outcome.hits).toHaveLength(10);
  });

  it('finds the same by words with statistics as without', async () => {
    await writeMany('project', 300, 2);
    const request = { retriever: 'lexical', limit: 5 } as const;
    const queries = ['common number 77', 'which of the words is the 77?', 'the of and'];
    const counted = new Map<string, SearchOutcome>();
    for (const query of queries) counted.set(query, await ask(searchWith(null), query, request));
    await refreshLexemeStats(database.pool, undefined, 100);
    const { rows } = await database.pool.query(`SELECT lexeme, passages FROM lexeme_stats ORDER BY lexeme LIMIT 1`);
    expect(rows).toEqual([{ lexeme: 'common', passages: 300 }]);
    for (const query of queries) {
      const known = await ask(searchWith(null, 100), query, request);
      expect(known.hits.length, query).toBe(5);
      if (query.includes('77')) expect(ids(known)[0]).toBe('project_77');
      // Beside other words, stop words choose no candidates; alone they do.
      if (!query.startsWith('which')) expect(ids(known)).toEqual(counted.get(query)?.hits.map((hit) => hit.id));
    }
    await refreshLexemeStats(database.pool, 'project', 1_000);
    expect((await database.pool.query('SELECT count(*)::int AS n FROM lexeme_stats')).rows).toEqual([{ n: 0 }]);
  });
});
