import type { Pool, PoolClient } from 'pg';
import type { ProjectRow } from './identity-types.js';

const ROW = `p.id, p.root, p.name, p.root_commits AS "rootCommits", p.remote, p.twin_id AS "twinId",
  p.settled_at IS NOT NULL AS "isSettled", p.merged_into AS "mergedInto"`;

/** Projects that one history may lead to. */
const MAX_MATCHES = 20;

export type ProjectStore = ReturnType<typeof createProjectStore>;

/** Rows of `projects`. @param client of a transaction, for what takes `lock` */
export function createProjectStore(client: Pick<Pool | PoolClient, 'query'>) {
  async function find(condition: string, values: readonly unknown[]): Promise<ProjectRow[]> {
    const { rows } = await client.query<ProjectRow>(`SELECT ${ROW} FROM projects p WHERE ${condition}`, [...values]);
    return rows;
  }

  return {
    /** Nobody else decides about projects until the end of the transaction, which may take long. */
    async lock(): Promise<void> {
      await client.query('SET LOCAL statement_timeout = 0');
      await client.query('SELECT lock_projects()');
    },

    async byId(id: string): Promise<ProjectRow | null> {
      const [row] = await find('p.id = $1', [id]);
      return row ?? null;
    },

    /** Projects with this name, or with this root or the folder that has it. */
    byName: (name: string): Promise<ProjectRow[]> =>
      find(
        `(p.name = $1 OR p.root = $1 OR p.root = $1 || '/.git') AND p.merged_into IS NULL ORDER BY p.id LIMIT ${MAX_MATCHES}`,
        [name],
      ),

    /** The project, or the one that it was moved to; the id alone where there is none. */
    async follow(id: string): Promise<string> {
      const { rows } = await client.query<{ id: string }>(
        'SELECT coalesce(merged_into, id) AS id FROM projects WHERE id = $1',
        [id],
      );
      return rows[0]?.id ?? id;
    },

    /** Settled projects whose root is one of these, in their order. */
    byRoots: (roots: readonly string[]): Promise<ProjectRow[]> =>
      find(
        'p.root = ANY($1) AND p.settled_at IS NOT NULL AND p.merged_into IS NULL ORDER BY array_position($1, p.root)',
        [roots],
      ),

    /** Settled projects that share a root commit or the remote, those that were worked in last first. */
    byHistory: (rootCommits: readonly string[], remote: string | null): Promise<ProjectRow[]> =>
      find(
        `(p.root_commits && $1::text[] OR p.remote = $2) AND p.settled_at IS NOT NULL AND p.merged_into IS NULL
         ORDER BY (SELECT max(connected_at) FROM agents WHERE project_id = p.id) DESC NULLS LAST, p.id LIMIT ${MAX_MATCHES}`,
        [rootCommits, remote],
      ),

    /**
     * Writes what is known of a project in which an agent works.
     * @param formerRoot where it was before; its row names the new place only if it named that one
     */
    async save(row: Omit<ProjectRow, 'name' | 'isSettled' | 'mergedInto'>, formerRoot: string | null): Promise<void> {
      await client.query(
        `INSERT INTO projects AS p (id, root, root_commits, remote, twin_id, settled_at) VALUES ($1, $2, $3, $4, $5, now())
         ON CONFLICT (id) DO UPDATE SET settled_at = coalesce(p.settled_at, now()),
           root = CASE WHEN p.root = $6 OR p.settled_at IS NULL THEN excluded.root ELSE p.root END,
           root_commits = CASE WHEN p.root_commits IS NULL THEN excluded.root_commits
             WHEN excluded.root_commits IS NULL THEN p.root_commits
             ELSE ARRAY(SELECT DISTINCT unnest(p.root_commits || excluded.root_commits)) END,
           remote = coalesce(excluded.remote, p.remote),
           twin_id = coalesce(excluded.twin_id, p.twin_id)`,
        [row.id, row.root, row.rootCommits, row.remote, row.twinId, formerRoot],
      );
    },

    /** Moves what the ledger, or another project's lock, put under the id of a path before the project was settled. */
    async absorb(ids: readonly string[], paths: readonly string[], into: string): Promise<void> {
      await client.query(
        `SELECT move_project(id, $3) FROM projects
         WHERE id = ANY($1) AND id <> $3 AND root = ANY($2) AND settled_at IS NULL AND merged_into IS NULL`,
        [ids, paths, into],
      );
    },

    /** @returns how many memories were moved */
    async move(from: string, into: string): Promise<number> {
      const { rows } = await client.query<{ moved: number }>('SELECT move_project($1, $2) AS moved', [from, into]);
      return rows[0]?.moved ?? 0;
    },

    /** Answers what a person was asked: they are two. */
    async separate(id: string): Promise<void> {
      await client.query('UPDATE projects SET twin_id = NULL WHERE id = $1', [id]);
    },

    async rename(id: string, name: string | null): Promise<void> {
      await client.query('UPDATE projects SET name = $2 WHERE id = $1', [id, name]);
    },

    /** @returns how many memories were deleted; null when an agent is connected, and nothing was */
    async forget(id: string): Promise<number | null> {
      const { rows } = await client.query<{ deleted: number | null }>('SELECT forget_project($1) AS deleted', [id]);
      return rows[0]?.deleted ?? null;
    },
  };
}
