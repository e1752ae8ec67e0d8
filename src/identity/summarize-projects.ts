import type { Pool, PoolClient } from 'pg';
import type { ProjectSummary } from './identity-types.js';

const LIVE = 'superseded_by IS NULL AND forgotten_at IS NULL';
const MEMORIES = `((SELECT count(*) FROM stashes WHERE project_id = p.id AND ${LIVE})
    + (SELECT count(*) FROM insights WHERE project_id = p.id AND ${LIVE})
    + (SELECT count(*) FROM decisions WHERE project_id = p.id AND ${LIVE}))::integer`;

/** Projects, the one that was active last first. @param ids only these; all by default */
export async function summarizeProjects(
  client: Pick<Pool | PoolClient, 'query'>,
  ids: readonly string[] | null,
): Promise<ProjectSummary[]> {
  const { rows } = await client.query<ProjectSummary>(
    `SELECT p.id, p.root, p.name, p.twin_id AS "twinId", ${MEMORIES} AS memories,
           (SELECT count(*) FROM agents WHERE project_id = p.id AND status = 'active')::integer AS agents,
           (SELECT coalesce(sum(requests), 0) FROM usage_totals
              WHERE project_id = p.id AND dimension = 'all' AND period = 'ever')::integer AS requests,
           (SELECT max(created_at) FROM activities WHERE project_id = p.id) AS "lastActive"
         FROM projects p WHERE p.merged_into IS NULL AND ($1::text[] IS NULL OR p.id = ANY($1))
         ORDER BY "lastActive" DESC NULLS LAST, p.id`,
    [ids],
  );
  return rows;
}
