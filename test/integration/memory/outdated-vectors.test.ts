// A store whose vectors a former model has made: they serve until the embedding worker has made them again.
import { toSql } from 'pgvector';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createStatusRepository } from '../../../src/coordination/status/status-repository.js';
import { createEmbedder } from '../../../src/embedding/create-embedder.js';
import { EMBEDDING_MODEL, type Embedder, FORMER_MODELS } from '../../../src/embedding/embedding-types.js';
import { findModel } from '../../../src/embedding/model-store.js';
import { createPassageEmbedder, type PassageEmbedder } from '../../../src/memory/passages/embed-passages.js';
import { spaceIdentifiers } from '../../../src/memory/passages/space-identifiers.js';
import { writeInsight } from '../../support/memory/write-insight.js';
import { DATABASE_MODES, openBothDatabases } from '../../support/setup/both-databases.js';
import { buildModelThread } from '../../support/setup/build-script.js';

const logger = pino({ level: 'silent' });
const databases = await openBothDatabases();
const LINE = 'const poolSize = readHTTPConfig(maxRetries);\n';
const NAMED = 'useKeyWithClickEvents is on';
const PLAIN = 'retry the queue';

let embedder: Embedder;
beforeAll(async () => {
  embedder = createEmbedder({ modelDir: findModel(), delayMs: 0, logger, threadFile: await buildModelThread() });
});
afterAll(() => embedder.close());

it('every format has a name of its own, which is not that of before', () => {
  expect(new Set([...FORMER_MODELS, EMBEDDING_MODEL]).size).toBe(FORMER_MODELS.length + 1);
  expect(FORMER_MODELS).toContain('all-MiniLM-L6-v2-int8-token');
  // What the model reads: when it changes, EMBEDDING_FORMATS needs a new name.
  expect([EMBEDDING_MODEL, spaceIdentifiers('parseHTTPConfig max_size useIt').text]).toEqual([
    'all-MiniLM-L6-v2-int8-apart',
    'parse HTTP Config max_size use It',
  ]);
});

describe.each(DATABASE_MODES)('%s', (mode) => {
  const pool = databases[mode];
  let passages: PassageEmbedder;
  let short: string;
  let plain: string;
  let long: string;

  const read = async (id: string) => {
    const { rows } = await pool.query<{ model: string | null; vector: string | null; text: string; lexical: boolean }>(
      `SELECT embedding_model AS model, embedding::text AS vector, tsv IS NOT NULL AS lexical,
              substr(m.body, start_offset + 1, end_offset - start_offset) AS text
         FROM passages JOIN memory_texts m USING (owner_kind, owner_id) WHERE owner_id = $1
        ORDER BY start_offset, end_offset DESC`,
      [id],
    );
    return rows;
  };
  const vectorOf = async (text: string) =>
    toSql(Array.from((await embedder.embed([text], 'query'))[0] as Float32Array));
  const cosine = async (one: string | null, text: string): Promise<number> => {
    const { rows } = await pool.query<{ cosine: number }>('SELECT -($1::vector <#> $2::vector) AS cosine', [
      one,
      await vectorOf(text),
    ]);
    return rows[0]?.cosine ?? 0;
  };
  const progress = async () =>
    (await createStatusRepository(pool, FORMER_MODELS).read({ id: 'project', root: '/project' } as never)).outdated;

  /** Identifiers were read whole, and long texts cut at other places. */
  async function makeOlder(): Promise<void> {
    await pool.query('UPDATE passages SET embedding_model = $1 WHERE embedding_model IS NOT NULL', [
      FORMER_MODELS.at(-1),
    ]);
    await pool.query('UPDATE passages SET embedding = $2 WHERE owner_id = $1', [short, await vectorOf(NAMED)]);
    await pool.query('UPDATE passages SET end_offset = end_offset - 7 WHERE owner_id = $1 AND tsv IS NULL', [long]);
  }

  beforeEach(async () => {
    await pool.query('TRUNCATE projects CASCADE');
    passages = createPassageEmbedder({ pool, embedder, logger });
    const written = [
      await writeInsight(pool, NAMED),
      await writeInsight(pool, PLAIN),
      await writeInsight(pool, LINE.repeat(120)),
    ];
    [short, plain, long] = written.map(({ id }) => id) as [string, string, string];
    await passages.embed(written.flatMap(({ passageIds }) => passageIds));
    await makeOlder();
    return () => passages.close();
  });

  it('makes each vector again, newest first, and says how far it is', async () => {
    const before = await read(long);
    const all = await passages.outdated(10);
    expect(all).toEqual(all.toSorted((a, b) => Number(b) - Number(a)));
    expect(await passages.outdated(1)).toEqual(all.slice(0, 1));
    // Parts are made again with their passage.
    const wholes = before.filter(({ lexical }) => lexical).length;
    expect(all).toHaveLength(2 + wholes);
    expect(await progress()).toEqual({ left: 2 + wholes, all: 2 + wholes });

    // Like a worker that is killed in between: what is left has its older vectors.
    await passages.embed(all.slice(0, wholes));
    expect(await progress()).toEqual({ left: 2, all: 2 + wholes });
    expect((await read(short))[0]).toMatchObject({ model: FORMER_MODELS.at(-1) });
    expect(await cosine((await read(short))[0]?.vector ?? null, NAMED)).toBeCloseTo(1, 4);

    await passages.embed(await passages.outdated(10));
    expect(await passages.outdated(10)).toEqual([]);
    expect(await progress()).toBeNull();
    const [named] = await read(short);
    expect(named?.model).toBe(EMBEDDING_MODEL);
    expect(await cosine(named?.vector ?? null, 'use Key With Click Events is on')).toBeCloseTo(1, 4);
    const after = await read(long);
    expect(after.map(({ model }) => model)).toEqual(after.map(() => EMBEDDING_MODEL));
    expect(after.filter(({ lexical }) => lexical).map(({ vector }) => vector)).toEqual(Array(wholes).fill(null));
    const parts = after.filter(({ lexical }) => !lexical);
    expect(parts.map(({ text }) => text)).not.toEqual(before.filter(({ lexical }) => !lexical).map(({ text }) => text));
    for (const part of [parts[0], parts.at(-1)]) {
      expect(await cosine(part?.vector ?? null, spaceIdentifiers(part?.text ?? '').text)).toBeCloseTo(1, 4);
    }
  });

  it('takes away the parts of what fits into one vector now, and the vector of what does not any more', async () => {
    // As if a former model had read fewer pieces of the one, and more of the other.
    await pool.query(`UPDATE passages SET embedding = NULL WHERE owner_id = $1`, [plain]);
    await pool.query(
      `INSERT INTO passages (project_id, owner_kind, owner_id, start_offset, end_offset, content_hash, embedding, embedding_model, embedded_at)
       SELECT project_id, owner_kind, owner_id, 0, 5, content_hash, $2, embedding_model, now() FROM passages WHERE owner_id = $1`,
      [plain, await vectorOf('retry')],
    );
    await pool.query('DELETE FROM passages WHERE owner_id = $1 AND tsv IS NULL', [long]);
    await pool.query('UPDATE passages SET embedding = $2 WHERE owner_id = $1', [long, await vectorOf('pool')]);
    await passages.embed(await passages.outdated(10));
    const [whole, ...others] = await read(plain);
    expect(others).toEqual([]);
    expect(await cosine(whole?.vector ?? null, PLAIN)).toBeCloseTo(1, 4);
    const made = await read(long);
    expect(made.filter(({ lexical, vector }) => lexical && vector !== null)).toEqual([]);
    expect(made.filter(({ lexical }) => !lexical).length).toBeGreaterThan(3);
  });

  it('leaves alone what a newer version has made, and what is no longer live', async () => {
    await pool.query(`UPDATE passages SET embedding_model = 'model of tomorrow' WHERE owner_id = $1`, [short]);
    const due = await passages.outdated(10);
    await writeInsight(pool, 'newer', plain);
    await passages.embed(due);
    expect((await read(short))[0]).toMatchObject({ model: 'model of tomorrow' });
    expect(await read(plain)).toEqual([]);
  });

  it('keeps the vector of a text that the model can not take, and does not come back to it', async () => {
    const picky: Embedder = {
      ...embedder,
      embedOrSplit: async (texts) => {
        if (texts.includes(PLAIN)) throw new Error('bad token');
        return await embedder.embedOrSplit(texts);
      },
    };
    const before = (await read(plain))[0]?.vector;
    const wary = createPassageEmbedder({ pool, embedder: picky, logger });
    await wary.embed(await wary.outdated(10));
    expect(await wary.outdated(10)).toEqual([]);
    expect((await read(plain))[0]).toMatchObject({ model: null, vector: before });
    await wary.close();
  });
});
