// P9: recall end to end (stdio, query vector from a worker, search, markers) at 100,000 passages in 50 projects, beside
// the bare inference of the same query in this process, alternately. Vectors are those of real notes, each five times with noise.
import pg from 'pg';
import { refreshLexemeStats } from '../src/memory/search/refresh-lexeme-stats.js';
import { identifyProject } from '../src/project/resolve-project.js';
import { startEmbeddingWorker } from './support/embedding-worker.js';
import { embedAll, fillProject, jitter, loadWithoutIndex, openModel } from './support/fill-passages.js';
import { connectFront, timed } from './support/mcp-client.mjs';
import { percentile, report } from './support/report.mjs';
import { shortNotes } from './support/short-notes.js';

const PROJECTS = 50;
const PASSAGES = 100_000;
const REAL = 20_000;
const QUERIES = 500;

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 1 });
const model = openModel();
const texts = shortNotes(REAL);
const vectors = await embedAll(model, texts);
const own = identifyProject('bench-p9');
await loadWithoutIndex(pool, async () => {
  const size = PASSAGES / PROJECTS;
  for (let p = 0; p < PROJECTS; p += 1) {
    const notes = Array.from({ length: size }, (_, i) => {
      const at = (p * size + i) % REAL;
      const text = `${texts[at]} (${p}.${i})`;
      return { id: `insight_${p}_${i}`, text, vector: jitter(vectors[at] ?? new Float32Array(384), p * size + i) };
    });
    await fillProject(pool, p === 0 ? own : `proj_${p}`, notes);
  }
});
// As the maintenance worker does every five minutes.
await refreshLexemeStats(pool);

const worker = await startEmbeddingWorker();
const front = await connectFront({ ...process.env, POPSTASH_PROJECT: 'bench-p9' });
const total: number[] = [];
const inference: number[] = [];
let empty = 0;
let degraded = 0;
for (let i = -50; i < QUERIES; i += 1) {
  // Asked once each, so that no cache answers.
  const query = `why does it say that ${texts[(i + 60) * 31] ?? ''} in build ${i + 1_000}?`;
  inference.push(await timed(() => model.embed([query], 'query')));
  total.push(
    await timed(async () => {
      const answer = await front.call('recall', { query });
      if (answer.results.length === 0) empty += 1;
      if (i >= 0 && answer.degraded) degraded += 1;
    }),
  );
  if (i < 0) total.length = inference.length = empty = 0;
}
const over = total.map((ms, i) => ms - (inference[i] ?? 0));
report('P9 recall at 100,000 passages over inference, p50 ms', percentile(over, 0.5), '≤ 25');
report('P9 recall at 100,000 passages over inference, p99 ms', percentile(over, 0.99), '≤ 150');
report('P9 queries without an answer', empty, '0');
report('P9 queries answered by words only', degraded, '-');
await front.close();
await worker.close();
await model.close();
await pool.end();
