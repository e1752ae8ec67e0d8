import type { Pool } from 'pg';
import type { CostKey } from './cost-types.js';

/** Of a task's text, in characters: more than a line of a terminal shows. */
const MAX_LABEL_CHARS = 200;

/** Names by key; keys without a name are left out. */
export type KeyLabels = Record<string, string>;

const LABELS: Partial<Record<CostKey, string>> = {
  agent: `SELECT id AS key, CASE WHEN client IS NULL THEN name ELSE name || ' (' || concat_ws(', ', person, client) || ')' END AS label
    FROM agents WHERE id = ANY ($1)`,
  task: `SELECT id AS key, left(task, ${MAX_LABEL_CHARS}) AS label FROM sessions WHERE id = ANY ($1)`,
  project: 'SELECT id AS key, root AS label FROM projects WHERE id = ANY ($1)',
};

/** What people call the things that ids stand for: the names of agents, the texts of tasks, the roots of projects. */
export async function labelKeys(pool: Pool, by: CostKey, keys: readonly string[]): Promise<KeyLabels> {
  const sql = LABELS[by];
  if (sql === undefined || keys.length === 0) return {};
  const { rows } = await pool.query<{ key: string; label: string }>(sql, [keys]);
  return Object.fromEntries(rows.map(({ key, label }) => [key, label]));
}
