// Trial F7: each job delivered 10 times, shuffled, to two workers, the text edited between: the vector that stays is
// always of the newest text.
import { fromSql } from 'pgvector';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEmbedder } from '../../../src/embedding/create-embedder.js';
import type { Embedder } from '../../../src/embedding/embedding-types.js';
import { findModel } from '../../../src/embedding/model-store.js';
import { createPassageEmbedder } from '../../../src/memory/passages/embed-passages.js';
import { editInsight, writeInsight } from '../../support/memory/write-insight.js';
import { buildModelThread } from '../../support/setup/build-script.js';
import { createTestDatabase, type TestDatabase } from '../../support/setup/database.js';
import { trialCount } from '../../support/setup/trial.js';

const DELIVERIES = 10;
const MEMORIES = 4;
const EDITS = 3;
const WORDS = ['lock', 'queue', 'vector', 'token', 'session', 'agent', 'trigram', 'socket', 'branch', 'retry'];
const logger = pino({ level: 'silent' });

let database: TestDatabase;
let embedder: Embedder;

beforeAll(async () => {
  database = await createTestDatabase();
  embedder = createEmbedder({ modelDir: findModel(), delayMs: 0, logger, threadFile: await buildModelThread() });
  await embedder.warmUp();
});

afterAll(async () => {
  await embedder.close();
});

/** mulberry32: a small seeded generator, so that a failing seed can be run again. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

async function runSeed(seed: number): Promise<void> {
  const { pool } = database;
  const random = createRandom(seed);
  const phrase = () => Array.from({ length: 2 + random(12) }, () => WORDS[random(WORDS.length)]).join(' ');
  const workers = [0, 1].map(() => createPassageEmbedder({ pool, embedder, logger }));
  await pool.query('TRUNCATE projects CASCADE');
  const live = await Promise.all(Array.from({ length: MEMORIES }, () => writeInsight(pool, phrase())));

  const edits = live.map(() => Promise.resolve());
  const steps: (() => Promise<unknown>)[] = [];
  const deliver = (ids: string[]) => () => workers[random(2)]!.embed(ids);
  for (const { passageIds } of live) for (let i = 0; i < DELIVERIES; i++) steps.push(deliver(passageIds));
  for (let i = 0; i < MEMORIES * EDITS; i++) {
    const at = random(MEMORIES);
    const inPlace = random(2) === 0;
    const edit = async () => {
      const memory = live[at]!;
      if (inPlace) return await editInsight(pool, memory.id, phrase());
      live[at] = await writeInsight(pool, phrase(), memory.id);
    };
    steps.push(async () => {
      // Edits of one memory follow each other as in the domain, where a row lock orders them; all else overlaps.
      const edited = edits[at]!.then(edit);
      edits[at] = edited;
      await edited;
      const { passageIds } = live[at]!;
      await Promise.all(Array.from({ length: DELIVERIES }, () => deliver(passageIds)()));
    });
  }
  shuffle(steps, random);
  const under: Promise<unknown>[] = [];
  for (const step of steps) {
    under.push(step());
    if (random(3) === 0) await under[random(under.length)];
  }
  await Promise.all(under);
  for (const id of await workers[0]!.pending(0, 1_000)) await workers[1]!.embed([id]);
  await expectNewest(seed);
}

async function expectNewest(seed: number): Promise<void> {
  const { rows } = await database.pool.query<{ text: string; embedding: string | null; matches: boolean }>(
    `SELECT m.body AS text, p.embedding::text, p.content_hash = sha256(convert_to(m.body, 'UTF8')) AS matches
       FROM memory_texts m JOIN passages p USING (owner_kind, owner_id)`,
  );
  expect(rows, `seed ${seed}`).toHaveLength(MEMORIES);
  const vectors = await embedder.embed(
    rows.map((row) => row.text),
    'passage',
  );
  rows.forEach((row, i) => {
    const written = fromSql(row.embedding ?? '[]') as number[];
    const cosine = written.reduce((sum, x, d) => sum + x * vectors[i]![d]!, 0);
    expect(row.matches, `seed ${seed}`).toBe(true);
    expect(cosine, `seed ${seed}: the vector of "${row.text}"`).toBeGreaterThan(0.9999);
  });
}

function shuffle<T>(items: T[], random: (below: number) => number): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random(i + 1);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
}

it('F7: the vector is always of the newest text', async () => {
  const first = Number(process.env.POPSTASH_TRIAL_SEED ?? 1);
  for (let seed = first; seed < first + trialCount(15, 1_000); seed++) await runSeed(seed);
});
