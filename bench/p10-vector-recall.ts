// P10: the vector search by index against the exact one, on real vectors: the whole table, 10 % and 1 % of it.
import pg from 'pg';
import type { QueryEmbedder } from '../src/embedding/embedding-types.js';
import { createSearch } from '../src/memory/search/search.js';
import { embedAll, fillProject, loadWithoutIndex, openModel } from './support/fill-passages.js';
import { report } from './support/report.mjs';
import { shortNotes } from './support/short-notes.js';

const SIZES = { 'the largest project (89 %)': 17_800, '10 % project': 2_000, '1 % project': 200 };
const QUERIES = 200;
const K = 10;

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4 });
const model = openModel();
const total = Object.values(SIZES).reduce((sum, size) => sum + size, 0);
const texts = shortNotes(total + QUERIES);
const vectors = await embedAll(model, texts);
const projects = Object.entries(SIZES).map(([name, size], i) => ({ name, size, id: `proj_${i}` }));
await loadWithoutIndex(pool, async () => {
  let at = 0;
  for (const project of projects) {
    const notes = Array.from({ length: project.size }, (_, i) => ({
      id: `insight_${project.id}_${i}`,
      text: texts[at + i] ?? '',
      vector: vectors[at + i] ?? new Float32Array(384),
    }));
    await fillProject(pool, project.id, notes);
    at += project.size;
  }
});

const known = new Map(texts.slice(total).map((text, i) => [text, vectors[total + i] ?? null]));
const queryEmbedder: QueryEmbedder = {
  embedQuery: async (text) => known.get(text) ?? null,
  close: async () => undefined,
};
const byIndex = createSearch({ pool, queryEmbedder, largeProject: 1 });
const exact = createSearch({ pool, queryEmbedder, largeProject: Number.MAX_SAFE_INTEGER });
const asShipped = createSearch({ pool, queryEmbedder });
for (const { name, id } of projects) {
  const found = { byIndex: 0, asShipped: 0, short: 0 };
  for (const query of known.keys()) {
    const request = { projectId: id, query, kinds: ['insight'], limit: K, retriever: 'vector' } as const;
    const right = new Set((await exact.search(request)).hits.map((hit) => hit.id));
    for (const [side, search] of Object.entries({ byIndex, asShipped })) {
      const hits = (await search.search(request)).hits;
      found[side as 'byIndex' | 'asShipped'] += hits.filter((hit) => right.has(hit.id)).length / right.size;
      if (hits.length < K) found.short += 1;
    }
  }
  report(`P10 recall@10 by index, ${name}`, found.byIndex / known.size, '≥ 0.98');
  report(`P10 recall@10 as shipped, ${name}`, found.asShipped / known.size, '≥ 0.98');
  report(`P10 answers with fewer than 10 hits, ${name}`, found.short, '0');
}
await model.close();
await pool.end();
