import type { Pool } from 'pg';
import { rollUpChanges } from '../../src/accountability/ledger/roll-up-changes.js';

/** The same three months, projects, agents, tasks and models, however many requests there are. */
export const HISTORY = {
  from: '2026-09-01T00:00:00Z',
  days: 90,
  /** Stretches of work, of one agent on one task each: about two hours. */
  slots: 1_000,
  projects: 4,
  agents: 50,
  tasks: 200,
  sessions: 400,
} as const;

const CHUNK = 25_000;

/**
 * Writes three months of requests, of work in stretches, with agents and tasks; and moves all changes but the last into
 * roll-ups, as the job does.
 * @param requests evenly spread over the time
 */
export async function fillLedger(pool: Pool, requests: number): Promise<void> {
  const { from, days, slots, projects, agents, tasks, sessions } = HISTORY;
  await pool.query(
    `INSERT INTO projects (id, root) SELECT 'proj_' || n, '/' || n FROM generate_series(0, ${projects - 1}) n`,
  );
  await pool.query(
    `INSERT INTO agents (id, project_id, name, connected_at)
     SELECT 'agent_' || n, 'proj_' || n % ${projects}, 'agent', $1 FROM generate_series(0, ${agents - 1}) n`,
    [from],
  );
  await pool.query(
    `INSERT INTO sessions (id, project_id, agent_id, task, status, client, client_session, started_at)
     SELECT 'sess_' || n, 'proj_' || n % ${projects}, 'agent_' || n % ${agents}, 'a task', 'completed', 'claude', 'client-' || n, $1
     FROM generate_series(0, ${tasks - 1}) n`,
    [from],
  );
  for (let start = 0; start < requests; start += CHUNK) {
    await pool.query(
      `INSERT INTO usage_entries (client, keys, client_session, project_id, agent_id, session_id, model, occurred_at,
         input_tokens, output_tokens, cache_read_tokens, cache_write_5m_tokens, witnesses, grade, cost_usd, price_version)
       SELECT CASE WHEN slot % 5 = 0 THEN 'codex' ELSE 'claude' END, ARRAY['request:' || n], 'client-' || slot % ${sessions},
         'proj_' || slot % ${projects}, 'agent_' || slot % ${agents}, 'sess_' || slot % ${tasks},
         (ARRAY['claude-opus-5', 'claude-sonnet-5', 'claude-haiku-5', 'gpt-6'])[1 + n % 7 % 4],
         $1::timestamptz + n * ($2 * 86400.0 / $3) * interval '1 second', n % 1000, n % 3000, n % 90000, n % 700,
         '{transcript}', CASE WHEN slot % 20 = 0 THEN 'partial' ELSE 'transcript' END::usage_grade,
         (n % 977) * 0.000123, 'bench'
       FROM (SELECT n, floor(n::float8 * ${slots} / $3)::integer AS slot
             FROM generate_series($4::integer, $5::integer) AS n) AS g`,
      [from, days, requests, start, Math.min(start + CHUNK, requests) - 1],
    );
    if (start + CHUNK < requests) await rollUpChanges(pool, { limit: 5_000 });
  }
  await leaveTail(pool);
}

/** What the job has not moved yet: a hundred changes. */
async function leaveTail(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ n: number }>('SELECT count(*)::integer AS n FROM usage_changes');
  const stop = new AbortController();
  const rolling = rollUpChanges(pool, { limit: Math.max(1, (rows[0]?.n ?? 0) - 100), signal: stop.signal });
  stop.abort();
  await rolling;
}

/** Writes activities, one a minute, of all agents and types alternately. */
export async function fillTimeline(pool: Pool, rows: number): Promise<void> {
  for (let start = 0; start < rows; start += CHUNK) {
    await pool.query(
      `INSERT INTO activities (project_id, agent_id, type, subject, metadata, created_at)
       SELECT 'proj_' || n % 2, 'agent_' || n % 50, (ARRAY['stash', 'decision', 'lock_acquired', 'insight'])[1 + n % 7 % 4],
         'subject ' || n, jsonb_build_object('id', n), $1::timestamptz + n * interval '1 minute'
       FROM generate_series($2::integer, $3::integer) n ORDER BY n`,
      [HISTORY.from, start, Math.min(start + CHUNK, rows) - 1],
    );
  }
}
