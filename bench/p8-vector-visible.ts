// P8: from a write's transaction to its vector, by the database's clock, ÷ bare inference of the same text by itself;
// a front process on stdio, Redis, one worker, and nothing else to do.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import pg from 'pg';
import { findPackage } from '../src/package-root.js';
import { isBareLoop, serveBareLoop, startBareLoop } from './support/bare-loop.js';
import { readCorpus } from './support/corpus.js';
import { SETTLE_MS, startEmbeddingWorker } from './support/embedding-worker.js';
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
  await sleep(SETTLE_MS);

  const written: number[] = [];
  const inferred: number[] = [];
  for (const [i, text] of texts.entries()) {
    const answer = await client.callTool({ name: 'insight', arguments: { content: text } });
    const { insight_id: id } = answer.structuredContent as { insight_id: string };
    const ms = await untilEmbedded(pool, id);
    const alone = await bare.run([text], 'single');
    if (i < WARM_WRITES) continue;
    written.push(ms);
    inferred.push(alone);
  }
  await client.close();
  await worker.close();
  await bare.close();
  await pool.end();
  report('P8 write → vector ÷ bare inference, p50', median(written) / median(inferred), '≤ 1.5');
  report('P8 write → vector ÷ bare inference, p99', percentile(written, 0.99) / percentile(inferred, 0.99), '-');
  report('P8 write → vector, p50, ms', median(written), '-');
}

/** @returns ms between the write's transaction and its vector, by the database's clock */
async function untilEmbedded(pool: pg.Pool, ownerId: string): Promise<number> {
  for (;;) {
    await sleep(5);
    const { rows } = await pool.query<{ ms: number | null }>({
      name: 'embedded',
      text: `SELECT extract(epoch FROM max(embedded_at) - min(created_at))::float8 * 1000 AS ms
               FROM passages WHERE owner_kind = 'insight' AND owner_id = $1 HAVING bool_and(embedded_at IS NOT NULL)`,
      values: [ownerId],
    });
    if (rows[0]?.ms != null) return rows[0].ms;
  }
}
