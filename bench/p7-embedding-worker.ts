// P7: the embedding worker, from jobs in Redis to vectors in PostgreSQL, ÷ a bare loop of tokenizer and runtime over the
// same texts with the same model file, one thread each. A round of one, a round of the other.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { isBareLoop, serveBareLoop, startBareLoop } from './support/bare-loop.js';
import { readCorpus } from './support/corpus.js';
import { createDrainer, RECOVERY_OVER_MS, startEmbeddingWorker, writePassages } from './support/embedding-worker.js';
import { median, report } from './support/report.mjs';

const TEXTS = 512;
const ROUNDS = 5;

if (isBareLoop) await serveBareLoop();
else await run();

async function run(): Promise<void> {
  const texts = await readCorpus(TEXTS);
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 });
  const bare = await startBareLoop(import.meta.url);
  const worker = await startEmbeddingWorker();
  const drainer = createDrainer();
  await sleep(RECOVERY_OVER_MS);
  const times = { worker: [] as number[], sixteen: [] as number[], same: [] as number[] };
  for (let round = -1; round < ROUNDS; round++) {
    const ids = await writePassages(pool, texts);
    const elapsed = {
      worker: await drainer.drain(pool, ids),
      sixteen: await bare.run(texts, 'sixteen'),
      same: await bare.run(texts, 'same'),
    };
    if (round < 0) continue;
    times.worker.push(elapsed.worker);
    times.sixteen.push(elapsed.sixteen);
    times.same.push(elapsed.same);
  }
  await drainer.close();
  await worker.close();
  await bare.close();
  await pool.end();
  report('P7 embedding worker ÷ bare loop, batches of 16', median(times.sixteen) / median(times.worker), '≥ 0.92');
  report('P7 embedding worker ÷ bare loop, our own batches', median(times.same) / median(times.worker), '≥ 0.92');
  report('P7 embedding worker, texts a second', (TEXTS * 1_000) / median(times.worker), '-');
}
