// P13: two embedding workers ÷ one, on two cores: the same passages, drained by one, then by two, in turns.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { readCorpus } from './support/corpus.js';
import { createNudger, SETTLE_MS, startEmbeddingWorker, writePassages } from './support/embedding-worker.js';
import { median, report } from './support/report.mjs';

const TEXTS = Number(process.env.POPSTASH_BENCH_TEXTS ?? 5_000);
const ROUNDS = 3;

const texts = await readCorpus(TEXTS);
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 });
const nudger = createNudger();

async function drainWith(count: number): Promise<number> {
  const workers = await Promise.all(Array.from({ length: count }, () => startEmbeddingWorker()));
  await sleep(SETTLE_MS);
  const elapsed = await nudger.drain(pool, await writePassages(pool, texts));
  await Promise.all(workers.map((worker) => worker.close()));
  return elapsed;
}

const one: number[] = [];
const two: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  one.push(await drainWith(1));
  two.push(await drainWith(2));
}
await nudger.close();
await pool.end();
report('P13 two embedding workers ÷ one', median(one) / median(two), '≥ 1.7');
report('P13 one embedding worker, texts a second', (TEXTS * 1_000) / median(one), '-');
