import type { Pool } from 'pg';
import { isLive } from '../../db/live-rows.js';
import type { MemoryKind } from '../memory-types.js';
import { CUT_PASSAGE_IDS, passageCtes } from '../passages/write-sql.js';
import { replacedCtes } from './replaced-sql.js';

export interface RestoredVersion {
  id: string;
  version: number;
  passageIds: string[];
}

interface KindSql {
  table: string;
  /** The column with what it is called by. */
  name: string;
  /** The columns that a copy takes over, and their values of the row `s`. */
  columns: string;
  values: string;
  /** What the timeline calls it, of the row `w`. */
  label: string;
  text: string;
  body: string;
  expires: string;
  /** That the live row `m` is of the memory whose old version is `s`. */
  isSame: string;
  /** The highest version so far. */
  newest: string;
}

const named = (table: string, name: string) => ({
  isSame: `fold_name(m.${name}) = fold_name(s.${name})`,
  newest: `(SELECT max(version) FROM ${table} m WHERE m.project_id = $1 AND fold_name(m.${name}) = fold_name(s.${name}))`,
});

const KINDS: Record<MemoryKind, KindSql> = {
  stash: {
    table: 'stashes',
    name: 'name',
    columns: 'name, summary, files, metadata, expires_at',
    // An expired one would answer as little as before.
    values: 's.name, s.summary, s.files, s.metadata, CASE WHEN s.expires_at > now() THEN s.expires_at END',
    label: 'w.name',
    text: 'summary',
    body: 'stash_search_text(name, summary, files)',
    expires: 'expires_at',
    ...named('stashes', 'name'),
  },
  insight: {
    table: 'insights',
    name: 'key',
    columns: 'key, content, tags',
    values: 's.key, s.content, s.tags',
    label: 'coalesce(w.key, left(w.content, 80))',
    text: 'content',
    body: 'insight_search_text(key, content, tags)',
    expires: 'NULL::timestamptz',
    ...named('insights', 'key'),
  },
  decision: {
    table: 'decisions',
    name: 'topic',
    columns: 'topic, decision, reasoning',
    values: 's.topic, s.decision, s.reasoning',
    label: 'w.topic',
    text: 'decision',
    body: 'decision_search_text(topic, decision, reasoning)',
    expires: 'NULL::timestamptz',
    isSame: 'm.id IN (SELECT id FROM later)',
    newest: '(SELECT max(version) FROM decisions WHERE id IN (SELECT id FROM later))',
  },
};

export type RestoreRepository = ReturnType<typeof createRestoreRepository>;

/** $1 project, $2 the old version, $3 id of its copy. */
function statement(kind: MemoryKind): string {
  const { table, name, columns, values, label, text, body, expires, isSame, newest } = KINDS[kind];
  const later =
    kind === 'decision'
      ? `later AS (
          SELECT id, superseded_by FROM decisions WHERE project_id = $1 AND id = $2
          UNION SELECT d.id, d.superseded_by FROM decisions d JOIN later l ON d.id = l.superseded_by WHERE d.project_id = $1
        ), `
      : '';
  return `WITH RECURSIVE ${later}source AS (
      SELECT * FROM ${table} WHERE project_id = $1 AND id = $2 AND superseded_by IS NOT NULL AND forgotten_at IS NULL
    ), old AS (
      UPDATE ${table} m SET superseded_by = $3, superseded_at = now() FROM source s
      WHERE m.project_id = $1 AND ${isSame} AND ${isLive('m.')}
      RETURNING m.id, m.version, m.${name} AS label, m.${text} AS text, true AS differs,
        m.created_by, m.created_at
    ), after_old AS (
      SELECT count(*) FROM old
    ), written AS (
      INSERT INTO ${table} (id, project_id, version, created_by, session_id, ${columns})
      SELECT $3, s.project_id, 1 + coalesce(${newest}, s.version), s.created_by, s.session_id, ${values}
      FROM source s CROSS JOIN after_old
      RETURNING *, ${body} AS body${expires === 'expires_at' ? '' : `, ${expires} AS expires_at`}
    ), placed AS (
      INSERT INTO memory_origins (memory_id, worktree, worktree_mark, branch, commit_id, files)
      SELECT w.id, o.worktree, o.worktree_mark, o.branch, o.commit_id, o.files
      FROM written w JOIN memory_origins o ON o.memory_id = $2
    ), ${passageCtes(kind)}, activity AS (
      INSERT INTO activities (project_id, type, subject, metadata)
      SELECT w.project_id, 'restore', ${label},
        jsonb_build_object('id', w.id, 'kind', '${kind}', 'version', w.version, 'restored', $2::text)
      FROM written w
    ), ${replacedCtes(kind, 'NULL', `(SELECT left(${text}, 200) FROM written)`)}
    SELECT w.id, w.version, ${CUT_PASSAGE_IDS}, (SELECT count(told.left) FROM told) AS told,
      (SELECT count(pg_notify('popstash', 'superseded:' || $1 || ':' || id || ':' || $3)) FROM old
       WHERE '${kind}' = 'decision') AS heard
    FROM written w`;
}

export function createRestoreRepository(pool: Pool) {
  return {
    /**
     * Saves the text of a replaced version once more, as the newest of its name, and tells the author of the one that it
     * replaces; null when there is no replaced version of this id.
     */
    async restoreVersion(
      projectId: string,
      kind: MemoryKind,
      id: string,
      newId: string,
    ): Promise<RestoredVersion | null> {
      const { rows } = await pool.query<{ id: string; version: number; passage_ids: string[] }>(statement(kind), [
        projectId,
        id,
        newId,
      ]);
      const [row] = rows;
      return row ? { id: row.id, version: row.version, passageIds: row.passage_ids } : null;
    },
  };
}
