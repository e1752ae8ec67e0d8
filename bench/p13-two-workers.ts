// P13: two embedding workers ÷ one, on two cores: the same passages, drained by one, then by two, alternately; and what two
// bare loops of the model, without database and queue, get out of the same two cores.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { isBareLoop, serveBareLoop, startBareLoop } from './support/bare-loop.js';
import { readCorpus } from './support/corpus.js';
import { createDrainer, RECOVERY_OVER_MS, startEmbeddingWorker, writePassages } from './support/embedding-worker.js';
import { median, report } from './support/report.mjs';

const TEXTS = Number(process.env.POPSTASH_BENCH_TEXTS ?? 5_000);
const ROUNDS = 3;
const BARE_TEXTS = 1_000;

if (isBareLoop) await serveBareLoop();
else await run();

async function run(): Promise<void> {
  const texts = await readCorpus(TEXTS);
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 });
  const drainer = createDrainer();

  async function drainWith(count: number): Promise<number> {
    const workers = await Promise.all(Array.from({ length: count }, () => startEmbeddingWorker()));
    await sleep(RECOVERY_OVER_MS);
    const elapsed = await drainer.drain(pool, await writePassages(pool, texts));
    await Promise.all(workers.map((worker) => worker.close()));
    return elapsed;
  }

  const one: number[] = [];
  const two: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    one.push(await drainWith(1));
    two.push(await drainWith(2));
    bare.push(await compareBareLoops(texts.slice(0, BARE_TEXTS)));
  }
  await drainer.close();
  await pool.end();
  report('P13 two embedding workers ÷ one', median(one) / median(two), '≥ 1.7');
  report('P13 two bare loops ÷ one', median(bare), '-');
  report('P13 one embedding worker, texts a second', (TEXTS * 1_000) / median(one), '-');
}

/** How much faster two processes with the model embed the texts than one does. */
async function compareBareLoops(texts: readonly string[]): Promise<number> {
  const loops = [await startBareLoop(import.meta.url), await startBareLoop(import.meta.url)] as const;
  const halves = [0, 1].map((rest) => texts.filter((_, index) => index % 2 === rest));
  await Promise.all(loops.map((loop, index) => loop.run(halves[index] ?? [], 'same')));
  const alone = await loops[0].run(texts, 'same');
  const start = performance.now();
  await Promise.all(loops.map((loop, index) => loop.run(halves[index] ?? [], 'same')));
  const together = performance.now() - start;
  await Promise.all(loops.map((loop) => loop.close()));
  return alone / together;
}
