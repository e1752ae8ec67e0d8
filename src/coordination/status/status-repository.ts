import type { Pool } from 'pg';
import { isLive, isUnexpired } from '../../db/live-rows.js';
import type { Project } from '../../project/resolve-project.js';
import type { AgentFacts } from '../../text/word-agent.js';
import { refreshBranch } from '../names/read-agents.js';

export interface ProjectStatus {
  project: string;
  /** `isGuarded`: hooks of its client are heard. */
  agents: { id: string; name: string; task: string | null; agent: AgentFacts; lastSeen: Date; isGuarded: boolean }[];
  stashes: number;
  insights: number;
  decisions: number;
  /** Passages of this project that wait for a vector. */
  pending: number;
  /** Passages of this project whose vectors a former model has made, of all that have one; null when there is none. */
  outdated: { left: number; all: number } | null;
  now: Date;
}

export type StatusRepository = ReturnType<typeof createStatusRepository>;

/** @param formerModels whose vectors are made again */
export function createStatusRepository(pool: Pool, formerModels: readonly string[]) {
  return {
    /** Live memories, active agents and waiting passages of one project. */
    async read(project: Project): Promise<ProjectStatus> {
      const live = `project_id = $1 AND ${isLive()}`;
      const { rows } = await pool.query<ProjectStatus>(
        `SELECT $2::text AS project,
           (SELECT coalesce(json_agg(json_build_object('id', id, 'name', name, 'task', current_task, 'agent', agent_facts(a),
                                                       'lastSeen', last_seen_at, 'isGuarded', hooks_heard_at IS NOT NULL)
                    ORDER BY last_seen_at DESC), '[]')
              FROM agents a WHERE project_id = $1 AND status = 'active') AS agents,
           (SELECT count(*)::int FROM stashes WHERE ${live} AND ${isUnexpired()}) AS stashes,
           (SELECT count(*)::int FROM insights WHERE ${live}) AS insights,
           (SELECT count(*)::int FROM decisions WHERE ${live}) AS decisions,
           (SELECT count(*)::int FROM passages WHERE project_id = $1 AND embedded_at IS NULL) AS pending,
           (SELECT json_build_object('left', o.n, 'all', (SELECT count(*) FROM passages WHERE project_id = $1 AND tsv IS NOT NULL
                                                          AND embedding_model IS NOT NULL))
              FROM (SELECT count(*) AS n FROM passages
                     WHERE project_id = $1 AND tsv IS NOT NULL AND embedding_model = ANY ($3::text[])) o WHERE o.n > 0) AS outdated,
           now() AS now`,
        [project.id, project.root, formerModels],
      );
      const status = rows[0];
      if (!status) throw new Error('a SELECT without FROM returned no row');
      return {
        ...status,
        agents: await Promise.all(
          status.agents.map(async (each) => ({
            ...each,
            agent: await refreshBranch(each.agent),
            lastSeen: new Date(each.lastSeen),
          })),
        ),
      };
    },
  };
}
