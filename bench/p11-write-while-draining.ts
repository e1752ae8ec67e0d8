// P11: write p99 over stdio while a worker drains 10,000 passages ÷ while it has nothing to do; and the rate of that
// drain, writes included, ÷ a bare loop over the same texts with nothing else to do.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { isBareLoop, serveBareLoop, startBareLoop } from './support/bare-loop.js';
import { readCorpus } from './support/corpus.js';
import { createDrainer, RECOVERY_OVER_MS, startEmbeddingWorker, writePassages } from './support/embedding-worker.js';
import { connectFront, timed } from './support/mcp-client.mjs';
import { median, percentile, report } from './support/report.mjs';

const ROUNDS = 5;
const PASSAGES = Number(process.env.BENCH_P11_PASSAGES ?? 10_000) / ROUNDS;
/** An agent that writes all the time still thinks in between; also keeps the writes a small part of the drain. */
const PACE_MS = 100;
/** Idle writes of a round, about as many as fit into its drain. */
const IDLE_WRITES = 200;

if (isBareLoop) await serveBareLoop();
else await run();

async function run(): Promise<void> {
  const texts = await readCorpus(PASSAGES, 250);
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 });
  const bare = await startBareLoop(import.meta.url);
  const worker = await startEmbeddingWorker();
  const drainer = createDrainer();
  const front = await connectFront();
  let written = 0;
  const write = async (times: number[]) => {
    written += 1;
    times.push(await timed(() => front.call('insight', { content: `${written} ${texts[written % texts.length]}` })));
    await sleep(PACE_MS);
  };
  for (let i = 0; i < 50; i++) await write([]);
  await sleep(RECOVERY_OVER_MS);

  const ratios: { p50: number[]; p99: number[]; drain: number[] } = { p50: [], p99: [], drain: [] };
  for (let round = 0; round < ROUNDS; round++) {
    const idle: number[] = [];
    const busy: number[] = [];
    for (let i = 0; i < IDLE_WRITES; i++) await write(idle);
    const ids = await writePassages(pool, texts, `round${round}`);
    const before = written;
    let draining = true;
    const drain = drainer.drain(pool, ids).finally(() => {
      draining = false;
    });
    while (draining) await write(busy);
    const rate = (texts.length + written - before) / (await drain);
    const bareRate = texts.length / (await bare.run(texts, 'sixteen'));
    ratios.p50.push(percentile(busy, 0.5) / percentile(idle, 0.5));
    ratios.p99.push(percentile(busy, 0.99) / percentile(idle, 0.99));
    ratios.drain.push(rate / bareRate);
  }
  await front.close();
  await drainer.close();
  await worker.close();
  await bare.close();
  await pool.end();
  report('P11 write while draining ÷ idle, p99', median(ratios.p99), '≤ 1.5');
  report('P11 write while draining ÷ idle, p50', median(ratios.p50), '-');
  report('P11 drain beside writes ÷ bare loop', median(ratios.drain), '≥ 0.85');
}
