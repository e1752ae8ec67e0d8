// P1: stash, insight and decide over stdio ÷ the same rows written by one raw statement through pg, one after the other.
import pg from 'pg';
import { createAgentRepository } from '../src/domain/agents/agent-repository.js';
import { createDecisionRepository } from '../src/domain/decisions/decision-repository.js';
import { createInsightRepository } from '../src/domain/insights/insight-repository.js';
import { createStashRepository } from '../src/domain/stashes/stash-repository.js';
import { newId } from '../src/text/ids.js';
import { readCorpus } from './support/corpus.js';
import { connectFront, timed } from './support/mcp-client.mjs';
import { median, percentile, report } from './support/report.mjs';

const ROUNDS = 5;
const WRITES = 500;

const texts = await readCorpus(WRITES);
// One connection, as one front's call uses; the front's own statements, so the rows are the same.
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 1 });
const actor = { projectId: 'proj_bench', agentId: 'agent_bench', sessionId: null };
await createAgentRepository(pool).connect(
  { id: actor.projectId, root: '/bench', worktree: '/bench' },
  { id: actor.agentId, name: 'bench', clientVersion: null, host: 'bench', pid: process.pid },
);
const insights = createInsightRepository(pool);
const stashes = createStashRepository(pool);
const decisions = createDecisionRepository(pool);
const front = await connectFront();
await front.call('ping');

type Side = (text: string, mark: string) => Promise<unknown>;
const sides: Record<string, { tool: Side; raw: Side }> = {
  insight: {
    tool: (content) => front.call('insight', { content }),
    raw: (content) => insights.save(actor, { id: newId('insight_'), key: null, content, tags: [] }),
  },
  stash: {
    tool: (summary, mark) => front.call('stash', { name: `stash ${mark}`, summary }),
    raw: (summary, mark) =>
      stashes.save(actor, {
        id: newId('stash_'),
        name: `stash ${mark}`,
        summary,
        files: [],
        metadata: {},
        ttlDays: null,
      }),
  },
  decide: {
    tool: (decision, mark) => front.call('decide', { topic: `topic ${mark}`, decision }),
    raw: (decision, mark) =>
      decisions.save(actor, { id: newId('dec_'), topic: `topic ${mark}`, decision, reasoning: null, supersedes: null }),
  },
};

for (const [name, { tool, raw }] of Object.entries(sides)) {
  const ratios: { p50: number[]; p99: number[] } = { p50: [], p99: [] };
  for (let round = -1; round < ROUNDS; round += 1) {
    const times: { tool: number[]; raw: number[] } = { tool: [], raw: [] };
    for (let i = 0; i < (round < 0 ? 100 : WRITES); i += 1) {
      const text = `${round} ${i} ${texts[i % texts.length]}`;
      times.tool.push(await timed(() => tool(text, `${round} ${i}`)));
      times.raw.push(await timed(() => raw(text, `${round} ${i}`)));
    }
    if (round < 0) continue;
    ratios.p50.push(percentile(times.tool, 0.5) / percentile(times.raw, 0.5));
    ratios.p99.push(percentile(times.tool, 0.99) / percentile(times.raw, 0.99));
  }
  report(`P1 ${name} over stdio ÷ raw statement, p50`, median(ratios.p50), '≤ 1.6');
  report(`P1 ${name} over stdio ÷ raw statement, p99`, median(ratios.p99), '≤ 2.5');
}
await front.close();
await pool.end();
