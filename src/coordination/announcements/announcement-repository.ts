import type { Pool } from 'pg';
import type { Actor } from '../../actor/actor.js';

export interface NewAnnouncement {
  id: string;
  message: string;
  files: string[];
}

export interface Announced {
  id: string;
  deliveredTo: { agentId: string; name: string; client: string | null }[];
}

export type AnnouncementRepository = ReturnType<typeof createAnnouncementRepository>;

export function createAnnouncementRepository(pool: Pool) {
  return {
    /**
     * Keeps the announcement and leaves a notice for every other active agent of the project, in one statement.
     * @param limits.perMinute announcements of an agent
     * @returns null when the agent has made so many already
     */
    async save(
      actor: Actor,
      announcement: NewAnnouncement,
      { deadAfterSeconds, perMinute }: { deadAfterSeconds: number; perMinute: number },
    ): Promise<Announced | null> {
      const { rows } = await pool.query<{ isWritten: boolean; deliveredTo: Announced['deliveredTo'] }>({
        name: 'announcement_save',
        text: `WITH written AS (
            INSERT INTO announcements (id, project_id, agent_id, session_id, message, files)
            SELECT $3, $1, $2, $4, $5, $6 WHERE (
              SELECT count(*) FROM announcements WHERE agent_id = $2 AND created_at > now() - interval '1 minute') < $8
            RETURNING *
          ), author AS (
            SELECT jsonb_strip_nulls(agent_facts(a)) AS facts FROM agents a WHERE a.id = $2
          ), activity AS (
            INSERT INTO activities (project_id, agent_id, session_id, type, subject, metadata)
            SELECT project_id, agent_id, session_id, 'announcement', left(message, 300),
                   jsonb_build_object('id', id, 'files', to_jsonb(files))
                     || CASE WHEN length(message) > 300 THEN jsonb_build_object('message', left(message, 2000)) ELSE '{}' END
            FROM written
          ), told AS (
            SELECT a.id, a.name, a.client, leave_notice($1, a.id, 'announcement', jsonb_build_object(
              'message', $5::text, 'announcement_id', $3::text, 'from', $2::text, 'author', (SELECT facts FROM author),
              'files', to_jsonb($6::text[]))) AS left
            FROM agents a WHERE a.project_id = $1 AND a.id <> $2 AND a.status = 'active'
              AND a.last_seen_at > now() - make_interval(secs => $7) AND EXISTS (SELECT 1 FROM written)
          )
          SELECT EXISTS (SELECT 1 FROM written) AS "isWritten", coalesce((SELECT json_agg(json_build_object('agentId', id, 'name', name, 'client', client)) FROM told), '[]') AS "deliveredTo"`,
        values: [
          actor.projectId,
          actor.agentId,
          announcement.id,
          actor.sessionId,
          announcement.message,
          announcement.files,
          deadAfterSeconds,
          perMinute,
        ],
      });
      const [row] = rows;
      return row?.isWritten ? { id: announcement.id, deliveredTo: row.deliveredTo } : null;
    },

    async findRecentEqual(actor: Actor, message: string): Promise<Announced | null> {
      const { rows } = await pool.query<{ id: string }>(
        `SELECT id FROM announcements WHERE project_id = $1 AND agent_id = $2 AND message = $3
           AND created_at > now() - interval '10 minutes' LIMIT 1`,
        [actor.projectId, actor.agentId, message],
      );
      return rows[0] ? { id: rows[0].id, deliveredTo: [] } : null;
    },
  };
}
