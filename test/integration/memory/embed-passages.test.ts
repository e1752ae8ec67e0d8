import { fromSql } from 'pgvector';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEmbedder } from '../../../src/embedding/create-embedder.js';
import { EMBEDDING_MODEL, type Embedder } from '../../../src/embedding/embedding-types.js';
import { findModel } from '../../../src/embedding/model-store.js';
import { createPassageEmbedder, type PassageEmbedder } from '../../../src/memory/passages/embed-passages.js';
import { writeInsight } from '../../support/memory/write-insight.js';
import { buildModelThread } from '../../support/setup/build-script.js';
import { createTestDatabase, type TestDatabase } from '../../support/setup/database.js';

const logger = pino({ level: 'silent' });
let database: TestDatabase;
let embedder: Embedder;
let passages: PassageEmbedder;

beforeAll(async () => {
  database = await createTestDatabase();
  embedder = createEmbedder({ modelDir: findModel(), delayMs: 0, logger, threadFile: await buildModelThread() });
});

beforeEach(async () => {
  await database.pool.query('TRUNCATE projects CASCADE');
  passages = createPassageEmbedder({ pool: database.pool, embedder, logger });
});

afterAll(async () => {
  await embedder.close();
});

interface StoredPassage {
  start_offset: number;
  end_offset: number;
  lexical: boolean;
  embedding: string | null;
  embedding_model: string | null;
  embedded_at: Date | null;
  hash_matches: boolean;
  text: string;
}

async function stored(ownerId: string): Promise<StoredPassage[]> {
  const { rows } = await database.pool.query<StoredPassage>(
    `SELECT start_offset, end_offset, tsv IS NOT NULL AS lexical, embedding::text, embedding_model, embedded_at,
            content_hash = sha256(convert_to(t.text, 'UTF8')) AS hash_matches, t.text
       FROM passages p JOIN memory_texts m USING (owner_kind, owner_id),
            LATERAL (SELECT substr(m.body, start_offset + 1, end_offset - start_offset) AS text) t
      WHERE owner_id = $1 ORDER BY start_offset, end_offset`,
    [ownerId],
  );
  return rows;
}

async function expectVectorOf(embedding: string | null, text: string): Promise<void> {
  const [vector] = await embedder.embed([text], 'query');
  const values = fromSql(embedding) as number[];
  expect(values).toHaveLength(vector!.length);
  values.forEach((value, i) => {
    expect(Math.abs(value - vector![i]!)).toBeLessThan(1e-5);
  });
}

describe('passages', () => {
  it('get the vector of their own text, however the calls are cut', async () => {
    const texts = Array.from({ length: 150 }, (_, i) => `note ${i}: ${'retry the job queue '.repeat(1 + (i % 9))}`);
    const written = await Promise.all(texts.map((text) => writeInsight(database.pool, text)));
    await Promise.all(written.map(({ passageIds }) => passages.embed(passageIds)));
    for (const [i, { id }] of written.entries()) {
      const [passage, ...others] = await stored(id);
      expect(others).toEqual([]);
      expect(passage).toMatchObject({ embedding_model: EMBEDDING_MODEL, lexical: true });
      if (i % 10 === 0) await expectVectorOf(passage!.embedding, texts[i]!);
    }
    expect(await passages.pending(0, 10)).toEqual([]);
  });

  it('get the vector of their identifiers word by word, short ones and parts of long ones', async () => {
    const short = await writeInsight(database.pool, 'useKeyWithClickEvents is on');
    const line = '🔥 const poolSize = readHTTPConfig(maxRetries);\n';
    const long = await writeInsight(database.pool, line.repeat(150));
    await passages.embed([...short.passageIds, ...long.passageIds]);
    await expectVectorOf((await stored(short.id))[0]!.embedding, 'use Key With Click Events is on');
    const parts = (await stored(long.id)).filter((passage) => !passage.lexical);
    expect(parts.length).toBeGreaterThan(5);
    for (const part of parts) {
      expect(line.repeat(150)).toContain(part.text);
      await expectVectorOf(part.embedding, part.text.replace(/([a-z])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$3 $2'));
    }
    expect(parts.at(-1)?.end_offset).toBe([...line.repeat(150)].length);
  });

  it('are left alone when they have a vector, are gone, or never were', async () => {
    const kept = await writeInsight(database.pool, 'kept');
    await passages.embed(kept.passageIds);
    const before = await stored(kept.id);
    const gone = await writeInsight(database.pool, 'gone');
    await writeInsight(database.pool, 'newer', gone.id);
    await passages.embed([...kept.passageIds, ...gone.passageIds, '999999999']);
    expect(await stored(kept.id)).toEqual(before);
    await passages.embed([]);
  });

  it('are pending oldest first, until they have one', async () => {
    const first = await writeInsight(database.pool, 'first');
    const second = await writeInsight(database.pool, 'second');
    expect(await passages.pending(0, 10)).toEqual([...first.passageIds, ...second.passageIds]);
    expect(await passages.pending(0, 1)).toEqual(first.passageIds);
    expect(await passages.pending(60_000, 10)).toEqual([]);
    await passages.embed(first.passageIds);
    expect(await passages.pending(0, 10)).toEqual(second.passageIds);
  });
});

describe('a long text', () => {
  it('keeps its words and gets parts that have vectors, in code points', async () => {
    const line = '🔥 const row = await pool.query(text, [id]); // naïve — 漢字\n';
    const text = line.repeat(150);
    const { id, passageIds } = await writeInsight(database.pool, text);
    await passages.embed(passageIds);
    const all = await stored(id);
    const lexical = all.filter((passage) => passage.lexical);
    const parts = all.filter((passage) => !passage.lexical);
    expect(lexical).toHaveLength(passageIds.length);
    expect(lexical.every((passage) => passage.embedding === null && passage.embedded_at !== null)).toBe(true);
    expect(all.every((passage) => passage.hash_matches)).toBe(true);
    for (const part of parts.slice(0, 5)) await expectVectorOf(part.embedding, part.text);
    // None is too long for one vector.
    for (const vector of await embedder.embedOrSplit(parts.map((part) => part.text))) {
      expect(vector).toBeInstanceOf(Float32Array);
    }
    // Every character is in some part.
    let reached = 0;
    for (const part of parts) {
      expect(part.start_offset).toBeLessThanOrEqual(reached);
      reached = Math.max(reached, part.end_offset);
    }
    expect(reached).toBe([...text].length);
    await passages.embed(passageIds);
    expect(await stored(id)).toEqual(all);
  });

  it('does not make a short one wait for all of it', async () => {
    const done: string[] = [];
    const long = await writeInsight(database.pool, 'Überlänge {x: [1, 2]}; '.repeat(800));
    const short = await writeInsight(database.pool, 'short');
    await Promise.all([
      passages.embed(long.passageIds).then(() => done.push('long')),
      passages.embed(short.passageIds).then(() => done.push('short')),
    ]);
    expect(done).toEqual(['short', 'long']);
    expect(await passages.pending(0, 10)).toEqual([]);
  });
});

describe('trouble', () => {
  /** The real model, but for one text that ends its thread's call as a fault of the runtime would. */
  function poisoned(word: string): Embedder {
    return {
      ...embedder,
      embedOrSplit: async (texts) => {
        if (texts.some((text) => text.includes(word))) throw new Error('bad token');
        return await embedder.embedOrSplit(texts);
      },
    };
  }

  it('with one text does not keep the others from their vectors, nor come back for ever', async () => {
    const suspicious = createPassageEmbedder({ pool: database.pool, embedder: poisoned('poison'), logger });
    const good = await Promise.all(['one', 'two', 'three'].map((text) => writeInsight(database.pool, text)));
    const bad = await writeInsight(database.pool, 'poison');
    await suspicious.embed([...bad.passageIds, ...good.flatMap(({ passageIds }) => passageIds)]);
    for (const { id } of good) expect((await stored(id))[0]?.embedding).not.toBeNull();
    expect((await stored(bad.id))[0]).toMatchObject({ embedding: null, lexical: true });
    expect(await suspicious.pending(0, 10)).toEqual([]);
  });

  it('with the model fails the job and leaves its passages pending', async () => {
    const broken = createEmbedder({ modelDir: '/nowhere', delayMs: 0, logger, threadFile: await buildModelThread() });
    const { passageIds } = await writeInsight(database.pool, 'text');
    const failing = createPassageEmbedder({ pool: database.pool, embedder: broken, logger });
    await expect(failing.embed(passageIds)).rejects.toMatchObject({ code: 'corrupt_model' });
    expect(await failing.pending(0, 10)).toEqual(passageIds);
    await broken.close();
  });

  it('with the database fails the job and leaves its passages pending', async () => {
    const { passageIds } = await writeInsight(database.pool, 'text');
    await database.pool.query('ALTER TABLE passages RENAME TO hidden');
    await expect(passages.embed(passageIds)).rejects.toMatchObject({ code: '42P01' });
    await database.pool.query('ALTER TABLE hidden RENAME TO passages');
    expect(await passages.pending(0, 10)).toEqual(passageIds);
  });

  it('rejects the calls that still wait when the worker closes', async () => {
    const written = await Promise.all(Array.from({ length: 300 }, (_, i) => writeInsight(database.pool, `note ${i}`)));
    const calls = written.map(({ passageIds }) => passages.embed(passageIds));
    const settled = Promise.allSettled(calls);
    await passages.close();
    const pending = await passages.pending(0, 1_000);
    const results = await settled;
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(pending.length);
    await expect(passages.embed(['1'])).rejects.toMatchObject({ code: 'not_ready' });
  });

  it('of a slow model does not hold up the close, and leaves its passages pending', async () => {
    const slow = createEmbedder({
      modelDir: findModel(),
      delayMs: 60_000,
      logger,
      threadFile: await buildModelThread(),
    });
    const { passageIds } = await writeInsight(database.pool, 'text');
    const patient = createPassageEmbedder({ pool: database.pool, embedder: slow, logger });
    const refused = expect(patient.embed(passageIds)).rejects.toMatchObject({ code: 'not_ready' });
    await patient.close();
    await refused;
    await slow.close();
    expect(await patient.pending(0, 10)).toEqual(passageIds);
  });
});
