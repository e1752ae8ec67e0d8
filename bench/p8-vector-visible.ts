// P8: from a write's acknowledgement to its vector ÷ bare inference of the same text by itself; a front process on
// stdio, Redis, one worker, and nothing else to do. The database runs on this machine, so its clock is ours. (From the
// beginning of the write's transaction it is longer by the write itself, which P1 measures: printed beside.)
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import pg from 'pg';
import { findPackage } from '../src/package-root.js';
import { isBareLoop, serveBareLoop, startBareLoop } from './support/bare-loop.js';
import { readCorpus } from './support/corpus.js';
import { RECOVERY_OVER_MS, startEmbeddingWorker } from './support/embedding-worker.js';
import { median, percentile, report } from './support/report.mjs';

const WRITES = 500;
const WARM_WRITES = 20;

if (isBareLoop) await serveBareLoop();
else await run();

async function run(): Promise<void> {
  // Written as an insight, with nothing added, a text is one passage of at most this many pieces.
  const texts = await readCorpus(WRITES + WARM_WRITES, 250);
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 1 });
  const bare = await startBareLoop(import.meta.url);
  const worker = await startEmbeddingWorker();
  const client = new Client({ name: 'bench', version: '1' });
  const env = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => !!entry[1]));
  const main = join(findPackage().root, 'dist', 'main.js');
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [main, 'mcp'], env }));
  await sleep(RECOVERY_OVER_MS);

  const begun: number[] = [];
  const acknowledged: number[] = [];
  const inferred: number[] = [];
  for (const [i, text] of texts.entries()) {
    const answer = await client.callTool({ name: 'insight', arguments: { content: text } });
    const acknowledgedAt = performance.timeOrigin + performance.now();
    const { insight_id: id } = answer.structuredContent as { insight_id: string };
    const { created, embedded } = await untilEmbedded(pool, id);
    const alone = await bare.run([text], 'single');
    if (i < WARM_WRITES) continue;
    begun.push(embedded - created);
    acknowledged.push(embedded - acknowledgedAt);
    inferred.push(alone);
  }
  await client.close();
  await worker.close();
  await bare.close();
  await pool.end();
  report('P8 write → vector ÷ bare inference, p50', median(acknowledged) / median(inferred), '≤ 1.5');
  report('P8 write → vector ÷ bare inference, p99', percentile(acknowledged, 0.99) / percentile(inferred, 0.99), '-');
  report('P8 the same from the transaction’s begin, p50', median(begun) / median(inferred), '-');
  report('P8 write → vector, p50, ms', median(acknowledged), '-');
}

/** @returns when the write's transaction began and when its vector was written, in ms since the epoch */
async function untilEmbedded(pool: pg.Pool, ownerId: string): Promise<{ created: number; embedded: number }> {
  for (;;) {
    await sleep(5);
    const { rows } = await pool.query<{ created: number; embedded: number }>({
      name: 'embedded',
      text: `SELECT extract(epoch FROM min(created_at))::float8 * 1000 AS created,
                    extract(epoch FROM max(embedded_at))::float8 * 1000 AS embedded
               FROM passages WHERE owner_kind = 'insight' AND owner_id = $1 HAVING bool_and(embedded_at IS NOT NULL)`,
      values: [ownerId],
    });
    if (rows[0]) return rows[0];
  }
}
