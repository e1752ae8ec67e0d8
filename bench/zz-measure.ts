import { openEvaluation } from '../src/app/open-evaluation.js';
import { createLogger } from '../src/logger.js';
import { refreshLexemeStats } from '../src/memory/search/refresh-lexeme-stats.js';
import { parseConfig } from '../src/parse-config.js';
import { embedAll, fillProject, openModel } from './support/fill-passages.js';
import { shortNotes } from './support/short-notes.js';

const N = Number(process.argv[2] ?? 1000);
const config = parseConfig({ ...process.env, DATABASE_URL: undefined, POPSTASH_DATA_DIR: '/tmp/sql/data' });
const logger = createLogger('warn', 'm');
const opened = await openEvaluation(config, logger);
const { pool, services, search } = opened;
const model = openModel();
const texts = shortNotes(Math.min(N, 36000));
const t0 = performance.now();
const base = texts.slice(0, 2000);
const vecs = await embedAll(model, base);
console.log('embedded', performance.now() - t0);
const { jitter } = await import('./support/fill-passages.js');
const notes = Array.from({ length: N }, (_, i) => ({
  id: `insight_${i}`,
  text: i < texts.length ? texts[i]! : `${texts[i % texts.length]} (${i})`,
  vector: i < base.length ? vecs[i]! : jitter(vecs[i % base.length]!, i),
}));
await fillProject(pool, 'p', notes);
console.log('filled', performance.now() - t0);
await pool.query(`select gin_clean_pending_list('passages_tsv_gin')`);
await pool.query('VACUUM (ANALYZE) passages');
await pool.query('VACUUM (ANALYZE) insights');
await pool.query('ANALYZE');
await refreshLexemeStats(pool);
await pool.query('ANALYZE');
const orig = (pool as any).query.bind(pool);
const times = new Map<string, number[]>();
(pool as any).query = async (...args: any[]) => {
  const s = performance.now();
  try {
    return await orig(...args);
  } finally {
    const n = (args[0] as any).name ?? String(args[0]).slice(0, 40);
    const l = times.get(n) ?? [];
    l.push(performance.now() - s);
    times.set(n, l);
  }
};
const med = (l: number[]) => [...l].sort((a, b) => a - b)[Math.floor(l.length / 2)]!;
await services.recall.recall({ projectId: 'p', agentId: 'a' } as any, '/tmp', {
  query: 'first',
  limit: 5,
  kinds: ['insight'],
  tokenBudget: 700,
});
{
  const s = performance.now();
  await new Promise((r) => setTimeout(r, N / 10 + 500));
}
for (const mode of ['new', 'same', 'rare']) {
  times.clear();
  const all: number[] = [];
  for (let i = 0; i < 90; i++) {
    if (i === 30) {
      times.clear();
      all.length = 0;
    }
    const query =
      mode === 'same'
        ? 'why is the cache slow at night'
        : mode === 'rare'
          ? `daylight`
          : `why is it that ${texts[(i * 7) % texts.length]}?`;
    const s = performance.now();
    await services.recall.recall({ projectId: 'p', agentId: 'a' } as any, '/tmp', {
      query,
      limit: 5,
      kinds: ['insight', 'decision', 'stash'],
      tokenBudget: 700,
    });
    all.push(performance.now() - s);
  }
  console.log(
    mode,
    N,
    'recall p50',
    med(all).toFixed(1),
    'sum of statements',
    [...times].map(([n, l]) => `${n} x${l.length / 60} ${med(l).toFixed(2)}`).join(' | '),
  );
}
const s = performance.now();
for (let i = 0; i < 100; i++) await model.embed([`query number ${i} about the cache`], 'query');
console.log('embed ms', (performance.now() - s) / 100);
const s2 = performance.now();
for (let i = 0; i < 100; i++) await orig({ name: 'one', text: 'select 1' });
console.log('select 1 ms', (performance.now() - s2) / 100);
await model.close();
await opened.close();
