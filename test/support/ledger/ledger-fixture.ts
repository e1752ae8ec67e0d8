import type { Pool } from 'pg';
import type { EntryContext } from '../../../src/accountability/ledger/entry-row.js';
import { rollUpChanges } from '../../../src/accountability/ledger/roll-up-changes.js';
import { openPriceBook } from '../../../src/accountability/prices/price-book.js';

/** `/repo` is the project proj_repo, and so on; a worktree `/repo/wt` is a worktree of its own. */
export const ledgerContext: EntryContext = {
  book: openPriceBook(),
  costDays: 0,
  locateFolder: async (cwd) => ({ projectId: `proj_${cwd.split('/')[1]}`, root: cwd, worktree: cwd }),
};

export async function emptyLedger(pool: Pool): Promise<void> {
  await pool.query('DELETE FROM usage_entries');
  await pool.query(`DELETE FROM usage_keys; DELETE FROM usage_calls; DELETE FROM usage_witnesses; DELETE FROM transcript_files;
    DELETE FROM task_client_sessions; DELETE FROM sessions; DELETE FROM agents`);
  await rollUpChanges(pool);
}

export interface AgentFixture {
  id: string;
  project?: string;
  worktree?: string;
  clientSession?: string | null;
  connectedAt?: string;
}

export async function insertAgent(pool: Pool, agent: AgentFixture): Promise<void> {
  const project = agent.project ?? 'proj_repo';
  await pool.query('INSERT INTO projects (id, root) VALUES ($1, $1) ON CONFLICT DO NOTHING', [project]);
  await pool.query(
    `INSERT INTO agents (id, project_id, name, worktree, client_session, connected_at) VALUES ($1, $2, 'agent', $3, $4, $5)`,
    [
      agent.id,
      project,
      agent.worktree ?? '/repo',
      agent.clientSession ?? null,
      agent.connectedAt ?? '2026-11-20T09:00:00Z',
    ],
  );
}

export interface TaskFixture {
  id: string;
  agent: string;
  project?: string;
  client?: string | null;
  clientSession?: string | null;
  startCall?: string | null;
  endCall?: string | null;
  startedAt: string;
  endedAt?: string | null;
}

export async function insertTask(pool: Pool, task: TaskFixture): Promise<void> {
  await pool.query(
    `INSERT INTO sessions (id, project_id, agent_id, task, status, client, client_session, start_call_id, end_call_id, started_at, ended_at)
     VALUES ($1, $2, $3, 'a task', (CASE WHEN $9::timestamptz IS NULL THEN 'active' ELSE 'completed' END)::session_status, $4, $5, $6, $7, $8, $9)`,
    [
      task.id,
      task.project ?? 'proj_repo',
      task.agent,
      task.client === undefined ? 'claude' : task.client,
      task.clientSession ?? null,
      task.startCall ?? null,
      task.endCall ?? null,
      task.startedAt,
      task.endedAt ?? null,
    ],
  );
}
