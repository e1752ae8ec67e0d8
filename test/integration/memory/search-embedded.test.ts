import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrate } from '../../../src/db/migrate.js';
import { openPglite, type PgliteBackend } from '../../../src/db/pglite/pglite-backend.js';
import { PglitePool } from '../../../src/db/pglite/pglite-pool.js';
import { createSearch } from '../../../src/memory/search/search.js';
import { findPackage } from '../../../src/package-root.js';
import { unitVector, writeMemory } from '../../support/memory/write-memories.js';
import { createTestDatabase, type TestDatabase } from '../../support/setup/database.js';

let folder: string;
let backend: PgliteBackend;
let embedded: PglitePool;
let server: TestDatabase;

beforeAll(async () => {
  server = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'popstash-search-'));
  backend = await openPglite(join(folder, 'db'), { fsync: 'off' });
  embedded = new PglitePool(Promise.resolve(backend));
  await migrate(embedded, findPackage().root);
});

afterAll(async () => {
  await embedded.end();
  await backend.close();
  await rm(folder, { recursive: true, force: true });
});

const TEXTS = [
  'The parseHTTPConfig tests of lib/auth.ts, see PROJ-1234 and v1.2.3',
  "don't stop_believing; it's 42 % off @ 10:30 — naïve café, Ünïcode_x, HTTP_404 e2e utf8",
  '日本語のテキスト и русский текст 🦓 with emoji',
  'C:\\Users\\me\\file.txt "quoted" [x] {y: [1, 2]} a~b^c|d `code` <tag attr="v">',
  'running runs ran easily fairness NASA iPhone getURLFor XMLHttpRequest2',
];

it('cuts the same lexemes on both databases', async () => {
  const cut = async (pool: Pool, text: string) =>
    (
      await pool.query(
        `SELECT tsv::text, lexeme_count, encode(content_hash, 'hex') AS hash, start_offset, end_offset FROM cut_passages($1)`,
        [text],
      )
    ).rows;
  for (const text of [...TEXTS, TEXTS.join(' ').repeat(30)]) {
    expect(await cut(embedded, text)).toEqual(await cut(server.pool, text));
  }
});

it('gives the same hits and scores on both databases, by scan and by index', async () => {
  const vector = unitVector({ 0: 1 });
  const queryEmbedder = { embedQuery: () => Promise.resolve(vector), close: () => Promise.resolve() };
  const request = { projectId: 'project', kinds: ['insight'], limit: 5 } as const;
  const expected = new Map<string, unknown>();
  for (const [database, pool] of [
    ['server', server.pool],
    ['embedded', embedded],
  ] as const) {
    const ordinals = new Map<string, number>();
    for (const [n, text] of TEXTS.entries())
      ordinals.set(await writeMemory(pool, { text, vector: { 0: 0.3 + n / 10 } }), n);
    for (const largeProject of [10_000, 1]) {
      const search = createSearch({ pool, queryEmbedder, largeProject });
      for (const query of ['PROJ-1234', 'http config tests', 'running fairness', 'テキスト', 'naïve café']) {
        const { hits } = await search.search({ ...request, query });
        const seen = hits.map((hit) => ({
          ...hit,
          id: ordinals.get(hit.id),
          score: hit.score.toFixed(6),
          cosine: hit.cosine?.toFixed(5),
          lexical: hit.lexical.toFixed(6),
        }));
        const key = `${query} ${largeProject}`;
        if (database === 'server') expected.set(key, seen);
        else expect(seen, key).toEqual(expected.get(key));
      }
    }
  }
});

it('leaves no setting behind in the one session', async () => {
  const { rows } = await embedded.query(
    `SELECT current_setting('enable_seqscan') AS a, current_setting('enable_sort') AS b`,
  );
  expect(rows).toEqual([{ a: 'off', b: 'on' }]);
});
