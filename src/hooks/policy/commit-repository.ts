import type { Pool } from 'pg';
import { MAX_NAMED_FILES, type OverrideFacts } from '../../coordination/notices/notice-types.js';

/** A lock that an agent held for a time, in seconds since 1970. */
export interface PastHold {
  key: string;
  isGlob: boolean;
  agentId: string;
  agentName: string;
  task: string | null;
  from: number;
  /** Null while it is held. */
  until: number | null;
  board: string;
  worktree: string;
}

/** Days for which a commit that was let pass is remembered: those that wait for their push. */
const KEPT_DAYS = 180;

export type CommitRepository = ReturnType<typeof createCommitRepository>;

/** What commits and pushes are checked by. */
export function createCommitRepository(pool: Pool) {
  return {
    /** Remembers that a commit was let pass. @param tree git's id of the tree that it is about to have */
    async remember(projectId: string, tree: string, agentId: string | null): Promise<void> {
      await pool.query({
        name: 'guard_commit_passed',
        text: `WITH purged AS (
            DELETE FROM guarded_commits WHERE project_id = $1 AND passed_at < now() - make_interval(days => ${KEPT_DAYS})
              AND tree <> $2)
          INSERT INTO guarded_commits (project_id, tree, agent_id) VALUES ($1, $2, $3)
          ON CONFLICT (project_id, tree) DO UPDATE SET agent_id = excluded.agent_id, passed_at = now()`,
        values: [projectId, tree, agentId],
      });
    },

    /** Those of these trees whose commit was let pass. @param since or later; whenever, if left out */
    async findPassed(projectId: string, trees: readonly string[], since?: Date): Promise<Set<string>> {
      const { rows } = await pool.query<{ tree: string }>({
        name: 'guard_commits_passed',
        text: `SELECT tree FROM guarded_commits
          WHERE project_id = $1 AND tree = ANY($2) AND ($3::timestamptz IS NULL OR passed_at >= $3)`,
        values: [projectId, trees, since ?? null],
      });
      return new Set(rows.map(({ tree }) => tree));
    },

    /** Locks of agents other than this one that were held at some time between the two, in seconds since 1970. */
    async listHeldBetween(
      boards: readonly string[],
      agentId: string,
      from: number,
      until: number,
    ): Promise<PastHold[]> {
      const { rows } = await pool.query<PastHold>({
        name: 'guard_held_between',
        text: `SELECT l.key, l.is_glob AS "isGlob", l.agent_id AS "agentId", a.name AS "agentName", s.task, l.project_id AS board, l.worktree,
            extract(epoch FROM l.acquired_at)::float8 AS "from",
            CASE WHEN l.ended_at IS NOT NULL OR l.expires_at <= now()
              THEN extract(epoch FROM least(l.ended_at, l.expires_at))::float8 END AS until
          FROM locks l JOIN agents a ON a.id = l.agent_id LEFT JOIN sessions s ON s.id = l.session_id
          WHERE l.project_id = ANY($1) AND l.agent_id <> $2 AND l.acquired_at < to_timestamp($4) + interval '1 s'
            AND coalesce(l.ended_at, 'infinity') >= to_timestamp($3) AND l.expires_at >= to_timestamp($3)`,
        values: [boards, agentId, from, until],
      });
      return rows;
    },

    /** Logs a commit or push that passed though it holds files of others, and tells these. */
    async logOverride(
      writer: { projectId: string; agentId: string | null },
      facts: OverrideFacts,
      holders: readonly { agentId: string; files: string[] }[],
    ): Promise<void> {
      await pool.query({
        name: 'guard_override',
        text: `WITH activity AS (
            INSERT INTO activities (project_id, agent_id, type, subject, metadata)
            SELECT $1, $2, 'guard_override', left(coalesce($3::jsonb->>'reason', array_to_string($4::text[], ', ')), 300), $3
            WHERE EXISTS (SELECT 1 FROM projects WHERE id = $1))
          SELECT leave_notice($1, holder->>'agentId', 'guard_override',
            $3::jsonb || jsonb_build_object('files', holder->'files', 'count', holder->'count'))
          FROM jsonb_array_elements($5::jsonb) AS holder`,
        values: [
          writer.projectId,
          writer.agentId,
          JSON.stringify({ ...facts, holders: holders.map(({ agentId }) => agentId) }),
          facts.files,
          JSON.stringify(
            holders.map(({ agentId, files }) => ({
              agentId,
              files: files.slice(0, MAX_NAMED_FILES),
              count: files.length,
            })),
          ),
        ],
      });
    },
  };
}
