import { hostname } from 'node:os';
import type { Pool } from 'pg';
import { findBranch } from '../../project/project-identities.js';
import { type AgentFacts, nameOnly } from '../../text/word-agent.js';

/** What texts name these agents by; those that are not known any more are missing. */
export async function readAgents(pool: Pool, agentIds: readonly string[]): Promise<Map<string, AgentFacts>> {
  if (agentIds.length === 0) return new Map();
  const { rows } = await pool.query<{ facts: AgentFacts }>({
    name: 'agent_facts',
    text: 'SELECT agent_facts(a) AS facts FROM agents a WHERE a.id = ANY($1)',
    values: [[...new Set(agentIds)]],
  });
  return new Map(await Promise.all(rows.map(async ({ facts }) => [facts.id, await refreshBranch(facts)] as const)));
}

/** The agents of locks and of positions in queues, each at work on that one's task. */
export async function addHolders<Row extends { agentId: string; agentName: string; task: string | null }>(
  pool: Pool,
  rows: readonly Row[],
): Promise<(Row & { holder: AgentFacts })[]> {
  const agents = await readAgents(
    pool,
    rows.map(({ agentId }) => agentId),
  );
  return rows.map((row) => ({
    ...row,
    holder: { ...(agents.get(row.agentId) ?? nameOnly(row.agentId, row.agentName)), task: row.task },
  }));
}

/** An agent with the task that a text is about: it may have others. */
export async function atWork(facts: AgentFacts, task: string | null): Promise<AgentFacts> {
  return { ...(await refreshBranch(facts)), task };
}

/** On this host the branch is read from its file: the agent may have changed it since its last sign of life. */
export async function refreshBranch(facts: AgentFacts): Promise<AgentFacts> {
  if (facts.host !== hostname() || facts.worktree === null || facts.person) return facts;
  return { ...facts, branch: (await findBranch(facts.worktree)) ?? facts.branch };
}
