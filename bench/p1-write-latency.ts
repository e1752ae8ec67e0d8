// P1: stash, insight and decide over stdio ÷ the same rows written by one raw statement through pg, one after the other.
import pg from 'pg';
import { createAgentRepository } from '../src/coordination/agents/agent-repository.js';
import { createDecisionRepository } from '../src/memory/decisions/decision-repository.js';
import { createInsightRepository } from '../src/memory/insights/insight-repository.js';
import { createStashRepository } from '../src/memory/stashes/stash-repository.js';
import { newId } from '../src/text/ids.js';
import { readCorpus } from './support/corpus.js';
import { connectFront, timed } from './support/mcp-client.mjs';
import { median, percentile, report } from './support/report.mjs';

const ROUNDS = 5;
const WRITES = 500;
const TARGET = ['≤ 1.6', '≤ 2.5'] as const;
const TARGETS: Record<string, readonly [string, string]> = { insight: TARGET, stash: TARGET, decide: TARGET };

const texts = await readCorpus(WRITES);
/** Long words of all texts: topics as agents choose them, each its own. */
const words = [...new Set(texts.flatMap((text) => text.match(/\w{6,}/g) ?? []))];
let topics = 0;
function nextTopic(): string {
  topics += 1;
  // Steps that share no divisor with one another, so that no two topics are the same pair.
  return `${words[(topics * 7) % words.length]} ${words[(topics * 13 + Math.floor(topics / words.length)) % words.length]}`;
}
// One connection, as one front's call uses; the front's own statements, so the rows are the same.
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 1 });
const actor = { projectId: 'proj_bench', agentId: 'agent_bench', sessionId: null };
await createAgentRepository(pool).connect(
  { id: actor.projectId, root: '/bench', worktree: '/bench' },
  {
    ...{ id: actor.agentId, client: 'bench', clientVersion: null, clientSession: null },
    ...{ host: 'bench', pid: process.pid, terminal: null, branch: null },
  },
);
const insights = createInsightRepository(pool);
const stashes = createStashRepository(pool);
const decisions = createDecisionRepository(pool);
const front = await connectFront();
await front.call('ping');

function saveDecision(topic: string, decision: string): Promise<unknown> {
  return decisions.save(actor, { id: newId('dec_'), topic, decision, reasoning: null, supersedes: null });
}

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
    tool: (decision) => front.call('decide', { topic: nextTopic(), decision }),
    raw: (decision) => saveDecision(nextTopic(), decision),
  },
  // Every answer lists five earlier decisions that this one may contradict.
  'decide on a topic decided before': {
    tool: (decision, mark) => front.call('decide', { topic: `topic ${mark}`, decision }),
    raw: (decision, mark) => saveDecision(`topic ${mark}`, decision),
  },
};

for (const [name, { tool, raw }] of Object.entries(sides)) {
  const ratios: { p50: number[]; p99: number[] } = { p50: [], p99: [] };
  for (let round = -1; round < ROUNDS; round += 1) {
    const times: { tool: number[]; raw: number[] } = { tool: [], raw: [] };
    for (let i = 0; i < (round < 0 ? 100 : WRITES); i += 1) {
      const text = `${round} ${i} ${texts[i % texts.length]}`;
      // Each after itself as often as after the other: the job of a write goes out while the next one begins.
      const callTool = async () => times.tool.push(await timed(() => tool(text, `${round} ${i}`)));
      if (i % 2 === 0) await callTool();
      times.raw.push(await timed(() => raw(text, `${round} ${i}`)));
      if (i % 2 === 1) await callTool();
    }
    if (round < 0) continue;
    ratios.p50.push(percentile(times.tool, 0.5) / percentile(times.raw, 0.5));
    ratios.p99.push(percentile(times.tool, 0.99) / percentile(times.raw, 0.99));
  }
  const [p50, p99] = TARGETS[name] ?? ['-', '-'];
  report(`P1 ${name} over stdio ÷ raw statement, p50`, median(ratios.p50), p50);
  report(`P1 ${name} over stdio ÷ raw statement, p99`, median(ratios.p99), p99);
}
await front.close();
await pool.end();
