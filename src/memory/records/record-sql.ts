import type { MemoryKind } from '../memory-types.js';

/** For each kind its table and the columns that hold what records call by one name, in SQL of the row `m`. */
export const RECORD_COLUMNS: Record<MemoryKind, { table: string; name: string; text: string; others: string }> = {
  stash: {
    table: 'stashes',
    name: 'm.name',
    text: 'm.summary',
    others: `NULL::text AS reasoning, '[]'::json AS tags, to_json(m.files) AS files, m.metadata, m.expires_at AS "expiresAt"`,
  },
  insight: {
    table: 'insights',
    name: 'm.key',
    text: 'm.content',
    others: `NULL::text AS reasoning, to_json(m.tags) AS tags, '[]'::json AS files, '{}'::jsonb AS metadata, NULL::timestamptz AS "expiresAt"`,
  },
  decision: {
    table: 'decisions',
    name: 'm.topic',
    text: 'm.decision',
    others: `m.reasoning, '[]'::json AS tags, '[]'::json AS files, '{}'::jsonb AS metadata, NULL::timestamptz AS "expiresAt"`,
  },
};

/** The name of an author, in SQL of the row `a`: its client's, since an agent's own name is another's later on. */
export const AUTHOR_NAME = 'coalesce(a.client, a.name)';

/**
 * Reads rows of a kind as MemoryRecord. Lists come as JSON: the driver reads arrays of text character by character.
 * @param found completes `FROM table m`
 */
export function selectRecords(kind: MemoryKind, found: string): string {
  const { table, name, text, others } = RECORD_COLUMNS[kind];
  return `SELECT '${kind}'::text AS kind, m.id, m.version, ${name} AS name, ${text} AS text, ${others},
      CASE WHEN a.id IS NOT NULL THEN json_build_object('id', a.id, 'name', ${AUTHOR_NAME}) END AS author,
      m.session_id AS "sessionId", m.created_at AS "createdAt", m.superseded_by AS "supersededBy",
      m.superseded_at AS "supersededAt", m.forgotten_at AS "forgottenAt", m.forget_reason AS "forgetReason"
    FROM ${table} m LEFT JOIN agents a ON a.id = m.created_by ${found}`;
}
