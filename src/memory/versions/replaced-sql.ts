import { type AuthorFacts, SELECT_AUTHOR } from '../authors/author-facts.js';
import type { MemoryKind } from '../memory-types.js';

/** A version that another agent's save replaced. */
export interface ReplacedVersion {
  id: string;
  version: number;
  author: AuthorFacts | null;
  /** The beginning of its text. */
  excerpt: string;
  createdAt: Date;
  now: Date;
}

/** Characters of it that are shown: enough to tell what it is. */
const EXCERPT_CHARS = 200;

/**
 * For the statement that writes a new version of a name. Reads the CTEs `written` and `old` (id, version, label, text,
 * differs, created_by, created_at); adds `replaced`, the old version when it is another agent's and says something else,
 * and `told`, which leaves that agent a notice while it is active.
 * @param author parameter with the agent that writes
 * @param excerpt beginning of the new text, in SQL
 */
export function replacedCtes(kind: MemoryKind, author: string, excerpt: string): string {
  return `replaced AS (
      SELECT o.id, o.version, o.label, left(o.text, ${EXCERPT_CHARS}) AS excerpt, o.created_by, o.created_at, ${SELECT_AUTHOR},
        a.status = 'active' AS is_active
      FROM old o LEFT JOIN agents a ON a.id = o.created_by
      WHERE o.differs AND o.created_by IS DISTINCT FROM ${author}
    ), told AS (
      SELECT leave_notice(w.project_id, r.created_by, 'memory_replaced', jsonb_strip_nulls(jsonb_build_object(
        'kind', '${kind}', 'id', r.id, 'version', r.version, 'name', r.label, 'replaced_by', w.id, 'by', ${author}::text,
        'author', (SELECT jsonb_strip_nulls(agent_facts(w)) FROM agents w WHERE w.id = ${author}), 'excerpt', ${excerpt}::text))) AS left
      FROM replaced r CROSS JOIN written w WHERE r.is_active
    )`;
}

/** Column `replaced`, for toReplaced. It also has the notice left. */
export const REPLACED = `(SELECT json_build_object('id', id, 'version', version, 'author', author, 'excerpt', excerpt,
    'createdAt', created_at, 'now', now()) FROM replaced) AS replaced, (SELECT count(told.left) FROM told) AS told`;

/** The column `replaced` of a row. */
export function toReplaced(
  row: (Omit<ReplacedVersion, 'createdAt' | 'now'> & { createdAt: string; now: string }) | null,
): ReplacedVersion | null {
  return row && { ...row, createdAt: new Date(row.createdAt), now: new Date(row.now) };
}
