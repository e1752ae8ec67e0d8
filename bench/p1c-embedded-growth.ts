// P1c: recall by meaning over stdio in embedded mode at 1,000, 5,000 and 50,000 memories, each query asked once. At the
// largest size, with 1,000,000 activities beside it, also writes, and the start of the server ÷ its start on an empty store.
// The stores are filled by SQL: each memory with its passages by the database's own function, its vector that of one of
// 3,000 real notes, with noise; activities by generate_series.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedDatabase } from '../src/app/storage/open-embedded-database.js';
import { createCloser } from '../src/async/closer.js';
import { vacuumTables } from '../src/db/pglite/vacuum-tables.js';
import { createLogger } from '../src/logger.js';
import { refreshLexemeStats } from '../src/memory/search/refresh-lexeme-stats.js';
import { parseConfig } from '../src/parse-config.js';
import { identifyProject } from '../src/project/resolve-project.js';
import { createTelemetry } from '../src/telemetry/create-telemetry.js';
import { embedAll, fillProject, jitter, openModel } from './support/fill-passages.js';
import { startLocalServer } from './support/local-server.mjs';
import { connectFront, timed } from './support/mcp-client.mjs';
import { median, percentile, report } from './support/report.mjs';
import { shortNotes } from './support/short-notes.js';

const SIZES = [
  { memories: 1_000, p50: 15 },
  { memories: 5_000, p50: 20 },
  { memories: 50_000, p50: 40 },
] as const;
const ACTIVITIES = 1_000_000;
const REAL = 3_000;
const CALLS = 300;
const WARM_UP = 40;
const STARTS = 5;
const PROJECT = 'bench-p1c';
const ROWS = 50_000;

const model = openModel();
const texts = shortNotes(36_000);
const vectors = await embedAll(model, texts.slice(0, REAL));
await model.close();
for (const { memories, p50 } of SIZES) {
  const isLargest = memories === SIZES.at(-1)?.memories;
  const folder = mkdtempSync(join(tmpdir(), 'ps-bench-'));
  try {
    await fill(folder, memories, isLargest ? ACTIVITIES : 0);
    if (isLargest) await measureStart(folder);
    await measureCalls(folder, memories, p50, isLargest);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fill(dataDir: string, memories: number, activities: number): Promise<void> {
  const config = parseConfig({ POPSTASH_DATA_DIR: dataDir });
  const logger = createLogger('warn', 'bench');
  const closer = createCloser(logger);
  const { pool } = await openEmbeddedDatabase(config, logger, closer, await createTelemetry(config, logger));
  const project = identifyProject(PROJECT);
  const notes = Array.from({ length: memories }, (_, i) => ({
    id: `insight_${i}`,
    text: i < texts.length ? (texts[i] as string) : `${texts[i % texts.length]} (${i})`,
    vector: i < REAL ? (vectors[i] as Float32Array) : jitter(vectors[i % REAL] as Float32Array, i),
  }));
  await fillProject(pool, project, notes);
  for (let from = 0; from < activities; from += ROWS) {
    await pool.query(
      `INSERT INTO activities (project_id, type, subject, metadata, created_at)
       SELECT $1, 'insight', 'subject ' || n, jsonb_build_object('id', 'insight_' || n), now() - n * interval '20 seconds'
       FROM generate_series($2::integer, $3::integer) n`,
      [project, from, from + ROWS - 1],
    );
  }
  await pool.query(`SELECT gin_clean_pending_list('passages_tsv_gin')`);
  await vacuumTables(pool);
  await refreshLexemeStats(pool);
  await closer.close();
}

async function measureStart(folder: string): Promise<void> {
  const empty = mkdtempSync(join(tmpdir(), 'ps-bench-'));
  const startOn = async (data: string) => (await startLocalServer({}, data)).stop;
  const stops: (() => Promise<void>)[] = [];
  const times = { empty: [] as number[], full: [] as number[] };
  // The first start of each is not counted: it makes the empty store, and reads the full one from the disk.
  for (let round = -1; round < STARTS; round += 1) {
    for (const [name, data] of [
      ['empty', empty],
      ['full', folder],
    ] as const) {
      const took = await timed(async () => void stops.push(await startOn(data)));
      await stops.pop()?.();
      if (round >= 0) times[name].push(took);
    }
  }
  rmSync(empty, { recursive: true, force: true });
  report('P1c start with 50,000 memories ÷ empty, p50', median(times.full) / median(times.empty), '≤ 1.5');
  report('P1c start of an empty store, p50 ms', median(times.empty), '-');
}

async function measureCalls(folder: string, memories: number, p50: number, isLargest: boolean): Promise<void> {
  const local = await startLocalServer({ POPSTASH_PROJECT: PROJECT }, folder);
  const front = await connectFront(local.env);
  const name = `embedded, ${memories} memories`;
  const took: number[] = [];
  let degraded = 0;
  for (let i = -WARM_UP; i < CALLS; i += 1) {
    const query = `why is it that ${texts[((i + WARM_UP) * 31) % texts.length]} in build ${i + 1_000}?`;
    const ms = await timed(async () => {
      const answer = await front.call('recall', { query });
      if (i >= 0 && answer.degraded) degraded += 1;
    });
    if (i >= 0) took.push(ms);
  }
  report(`P1c recall, ${name}, p50 ms`, percentile(took, 0.5), `≤ ${p50}`);
  report(`P1c recall, ${name}, p99 ms`, percentile(took, 0.99), `≤ ${2 * p50}`);
  report(`P1c recalls by words only, ${name}`, degraded, '-');
  if (isLargest) {
    const writes: number[] = [];
    for (let i = -WARM_UP; i < CALLS; i += 1) {
      const ms = await timed(() =>
        front.call('insight', { content: `${texts[i + WARM_UP]}, seen again in build ${i}` }),
      );
      if (i >= 0) writes.push(ms);
    }
    report(`P1c insight, ${name}, p50 ms`, percentile(writes, 0.5), '≤ 10');
    report(`P1c insight, ${name}, p99 ms`, percentile(writes, 0.99), '-');
  }
  await front.close();
  await local.stop();
}
