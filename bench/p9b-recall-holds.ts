// P9b: what it adds to a recall that git says of each hit where it holds. Recall in this process on PostgreSQL, by words,
// among 1,000 notes of a repository with 200 commits; with and without the labels, alternately, with a warm cache; then
// with an empty one.
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createInsightRepository } from '../src/memory/insights/insight-repository.js';
import { createInsightsService } from '../src/memory/insights/insights-service.js';
import { createOrigins } from '../src/memory/origins/create-origins.js';
import { selectOrigin } from '../src/memory/origins/origin-repository.js';
import { createRecallRepository } from '../src/memory/recall/recall-repository.js';
import { createRecallService, type RecallService } from '../src/memory/recall/recall-service.js';
import { createSearch } from '../src/memory/search/search.js';
import { NO_TELEMETRY } from '../src/telemetry/no-telemetry.js';
import { createRedactor } from '../src/text/redact.js';
import { percentile, report } from './support/report.mjs';
import { shortNotes } from './support/short-notes.js';

const NOTES = 1_000;
const COMMITS = 200;
const FILES = 40;
const CALLS = 200;
const WARM_UP = 40;

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4 });
const worktree = realpathSync(mkdtempSync(join(tmpdir(), 'popstash-p9b-')));
const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=b', '-c', 'user.email=b@example.invalid', ...args], {
    cwd: worktree,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
const actor = { projectId: 'bench', agentId: 'agent_bench', sessionId: null };
const common = { redactor: createRedactor(), telemetry: NO_TELEMETRY, enqueueEmbedding: () => undefined };
const search = createSearch({ pool, queryEmbedder: { embedQuery: async () => null, close: async () => undefined } });
const { notes, labels } = createOrigins(pool);

await pool.query("INSERT INTO projects (id, root) VALUES ('bench', '/bench')");
await pool.query("INSERT INTO agents (id, project_id, name) VALUES ('agent_bench', 'bench', 'bench')");
const texts = shortNotes(NOTES);
await writeHistory();

const repository = createRecallRepository(pool);
// The statement of before, which read no origins.
const bare = Object.assign(Object.create(pool) as pg.Pool, {
  query: (query: pg.QueryConfig) =>
    pool.query({
      ...query,
      name: `bare_${query.name}`,
      text: query.text.replace(selectOrigin('m.id'), 'NULL AS origin'),
    }),
});
const labelled = createRecallService({ ...common, repository, search, labels });
const without = createRecallService({
  ...common,
  repository: createRecallRepository(bare),
  search,
  labels: { begin: () => async () => new Map() },
});

const ORDER = [
  ['labelled', labelled],
  ['without', without],
] as const;
for (const limit of [5, 20]) {
  const times = { labelled: [] as number[], without: [] as number[] };
  let hits = 0;
  let said = 0;
  let unknown = 0;
  for (let call = -WARM_UP; call < CALLS; call += 1) {
    const query = `why is it that ${texts[((call + WARM_UP) % 20) * 31]}?`;
    for (const [name, service] of call % 2 === 0 ? ORDER : [...ORDER].reverse()) {
      const { ms, answer } = await timed(service, query, limit);
      if (call < 0) continue;
      times[name].push(ms);
      if (name === 'without') continue;
      hits += answer.hits.length;
      for (const { holds } of answer.hits) {
        if (holds?.notMerged || holds?.changedFiles.length || holds?.missingFiles.length) said += 1;
        if (holds?.unknown.length) unknown += 1;
      }
    }
  }
  const added = percentile(times.labelled, 0.5) - percentile(times.without, 0.5);
  const differences = times.labelled.map((ms, index) => ms - (times.without[index] ?? 0));
  report(`P9b recall of ${limit} without labels, p50 ms`, percentile(times.without, 0.5), '-');
  report(`P9b labels of ${limit} hits add, warm cache, p50 ms`, added, '≤ 2');
  report(`P9b labels of ${limit} hits add, warm cache, p95 of pairs, ms`, percentile(differences, 0.95), '-');
  report(`P9b of ${limit} hits labelled otherwise than well`, said / hits, '-');
  report(`P9b of ${limit} hits unknown`, unknown / hits, '-');
}

// The labels alone: on a machine that is busy with other work, processor time says more than the clock.
const { hits: five } = (await timed(labelled, `why is it that ${texts[31]}?`, 5)).answer;
const memories = five.map(({ memory }) => ({ ...memory, text: memory.content }));
const alone: number[] = [];
const before = process.cpuUsage();
for (let call = 0; call < CALLS; call += 1) {
  const startedAt = performance.now();
  await labels.begin(worktree)(memories);
  alone.push(performance.now() - startedAt);
}
const { user, system } = process.cpuUsage(before);
report(`P9b labels of ${memories.length} hits alone, processor ms`, (user + system) / 1_000 / CALLS, '≤ 2');
report(`P9b labels of ${memories.length} hits alone, p10 ms`, percentile(alone, 0.1), '-');
report(`P9b labels of ${memories.length} hits alone, p50 ms`, percentile(alone, 0.5), '≤ 2');

const cold: number[] = [];
for (let call = 0; call < 40; call += 1) {
  const fresh = createRecallService({ ...common, repository, search, labels: createOrigins(pool).labels });
  cold.push((await timed(fresh, `why is it that ${texts[(call % 20) * 31]}?`, 5)).ms);
  // What the deadline cut off goes on for a moment.
  await new Promise((resolve) => setTimeout(resolve, 300));
}
report('P9b recall of 5 with an empty cache, p50 ms', percentile(cold, 0.5), '-');
await pool.end();
rmSync(worktree, { recursive: true, force: true });

async function timed(service: RecallService, query: string, limit: number) {
  const startedAt = performance.now();
  const answer = await service.recall(actor, worktree, { query, limit, kinds: ['insight'], tokenBudget: 5_000 });
  return { ms: performance.now() - startedAt, answer };
}

/** Notes between commits: a fifth on branches of which half are squashed, each naming two files. */
async function writeHistory(): Promise<void> {
  const insights = createInsightsService({ ...common, notes, repository: createInsightRepository(pool) });
  git('init', '-q', '-b', 'main');
  mkdirSync(join(worktree, 'src'));
  const pathOf = (index: number) => `src/file${index % FILES}.ts`;
  for (let index = 0; index < FILES; index += 1) writeFileSync(join(worktree, pathOf(index)), `file ${index}\n`);
  git('add', '-A');
  git('commit', '-qm', 'first');
  let written = 0;
  for (let commit = 0; commit < COMMITS; commit += 1) {
    const isBranch = commit % 5 === 0;
    if (isBranch) git('checkout', '-qb', `b${commit}`);
    appendFileSync(join(worktree, pathOf(commit)), `change ${commit}\n`);
    git('commit', '-qam', `change ${commit}`);
    for (; written < ((commit + 1) * NOTES) / COMMITS; written += 1) {
      const content = `${texts[written]} See ${pathOf(written)} and ${pathOf(written * 7)}.`;
      await insights.save(actor, { content }, { worktree });
    }
    await notes.settled();
    if (!isBranch) continue;
    git('checkout', '-q', 'main');
    if (commit % 10 === 0) {
      git('merge', '-q', '--squash', `b${commit}`);
      git('commit', '-qm', `squash ${commit}`);
    }
  }
}
