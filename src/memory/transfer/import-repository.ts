import type { Pool } from 'pg';
import { inTransaction } from '../../db/in-transaction.js';
import { isLive } from '../../db/live-rows.js';
import { newId } from '../../text/ids.js';
import { MEMORY_KINDS, type MemoryKind } from '../memory-types.js';
import { CUT_PASSAGE_IDS, clearAllPassagesCte, cutPassagesCte } from '../passages/write-sql.js';
import { RECORD_COLUMNS } from '../records/record-sql.js';
import type { PlannedRow } from './plan-import.js';
import type { ImportRun } from './transfer-types.js';

/** A row with the author whom it names. */
export type ImportedRow = PlannedRow & { authorId: string | null };

export type ImportRepository = ReturnType<typeof createImportRepository>;

/** For each kind the columns that it has alone, their values of a row `g`, and its search text. */
const OWN_COLUMNS: Record<MemoryKind, { columns: string; values: string; body: string; expires: string }> = {
  stash: {
    columns: 'name, summary, files, metadata, expires_at',
    values: 'g.name, g.text, ARRAY(SELECT json_array_elements_text(g.files)), g.metadata, g.expires_at',
    body: 'stash_search_text(name, summary, files)',
    expires: '',
  },
  insight: {
    columns: 'key, content, tags',
    values: 'g.name, g.text, ARRAY(SELECT json_array_elements_text(g.tags))',
    body: 'insight_search_text(key, content, tags)',
    expires: ', NULL::timestamptz AS expires_at',
  },
  decision: {
    columns: 'topic, decision, reasoning',
    values: 'g.name, g.text, g.reasoning',
    body: 'decision_search_text(topic, decision, reasoning)',
    expires: ', NULL::timestamptz AS expires_at',
  },
};

/** `after_old` makes the INSERT wait for the UPDATE in every plan: a name has one live row. */
function insertSql(kind: MemoryKind): string {
  const { table } = RECORD_COLUMNS[kind];
  const { columns, values, body, expires } = OWN_COLUMNS[kind];
  return `WITH given AS MATERIALIZED (
      SELECT * FROM json_to_recordset($2::json) AS g (id text, name text, version int, text text, reasoning text,
        tags json, files json, metadata jsonb, author text, session_id text, created_at timestamptz,
        expires_at timestamptz, superseded_by text, superseded_at timestamptz, supersedes json, source text,
        source_key text, hash text)
    ), old AS (
      UPDATE ${table} m SET superseded_by = g.id, superseded_at = coalesce(g.created_at, now())
      FROM given g, json_array_elements_text(g.supersedes) AS earlier (id)
      WHERE m.project_id = $1 AND m.id = earlier.id AND ${isLive('m.')} RETURNING m.id
    ), after_old AS (
      SELECT count(*) FROM old
    ), inserted AS (
      INSERT INTO ${table} (id, project_id, version, ${columns}, created_by, session_id, created_at, superseded_by, superseded_at)
      SELECT g.id, $1, g.version, ${values}, g.author, g.session_id, coalesce(g.created_at, now()), g.superseded_by,
        CASE WHEN g.superseded_by IS NOT NULL THEN coalesce(g.superseded_at, now()) END
      FROM after_old, given g
      RETURNING *
    ), written AS (
      SELECT *, ${body} AS body${expires} FROM inserted WHERE superseded_by IS NULL
    ), ${clearAllPassagesCte(kind, 'old')}, ${cutPassagesCte(kind)}, imported AS (
      INSERT INTO imported_memories (memory_id, import_id, project_id, source, source_key, content_hash)
      SELECT g.id, $3, $1, g.source, g.source_key, decode(g.hash, 'hex') FROM given g ON CONFLICT DO NOTHING
    )
    SELECT ${CUT_PASSAGE_IDS}`;
}

export function createImportRepository(pool: Pool) {
  return {
    /** Makes an import known, before it writes anything. @returns its id */
    async begin(projectId: string, run: { source: string; origin: string; importedBy: string }): Promise<string> {
      const id = newId('import_');
      await pool.query(
        'INSERT INTO imports (id, project_id, source, origin, imported_by) VALUES ($1, $2, $3, $4, $5)',
        [id, projectId, run.source, run.origin, run.importedBy],
      );
      return id;
    },

    /**
     * Writes rows with their passages and provenance: all of them or none, each kind in one statement.
     * @returns ids of the passages to embed
     */
    async insert(projectId: string, importId: string, rows: readonly ImportedRow[]): Promise<string[]> {
      return await inTransaction(pool, async (client) => {
        const passageIds: string[] = [];
        for (const kind of MEMORY_KINDS) {
          const ofKind = rows.filter(({ record }) => record.kind === kind);
          if (ofKind.length === 0) continue;
          const { rows: answers } = await client.query<{ passage_ids: string[] }>(insertSql(kind), [
            projectId,
            JSON.stringify(ofKind.map(toJson)),
            importId,
          ]);
          passageIds.push(...(answers[0]?.passage_ids ?? []));
        }
        return passageIds;
      });
    },

    /** Logs what an import wrote; one that wrote nothing leaves no trace. */
    async finish(projectId: string, importId: string, agentId: string): Promise<number> {
      const { rows } = await pool.query<{ count: number }>(
        `WITH written AS (
            SELECT count(*)::int AS count FROM imported_memories WHERE import_id = $2
          ), activity AS (
            INSERT INTO activities (project_id, agent_id, type, subject, metadata)
            SELECT $1, $3, 'import', left(i.source || ': ' || i.origin, 300), jsonb_build_object('id', i.id, 'count', w.count)
            FROM imports i, written w WHERE i.id = $2 AND i.project_id = $1 AND w.count > 0
          ), empty AS (
            DELETE FROM imports WHERE id = $2 AND project_id = $1 AND (SELECT count FROM written) = 0
          )
          SELECT count FROM written`,
        [projectId, importId, agentId],
      );
      return rows[0]?.count ?? 0;
    },

    /** The imports of a project that are not undone, newest first. */
    async list(projectId: string, limit: number): Promise<(ImportRun & { memories: number })[]> {
      const { rows } = await pool.query<ImportRun & { memories: number }>(
        `SELECT i.id, i.source, i.origin, i.imported_by AS "importedBy", i.created_at AS "createdAt",
           (SELECT count(*)::int FROM imported_memories m WHERE m.import_id = i.id) AS memories
         FROM imports i WHERE i.project_id = $1 AND i.undone_at IS NULL ORDER BY i.created_at DESC, i.id LIMIT $2`,
        [projectId, limit],
      );
      return rows;
    },

    /** True when the project has this import and it is not undone. */
    async isOpen(projectId: string, importId: string): Promise<boolean> {
      const { rows } = await pool.query('SELECT FROM imports WHERE id = $2 AND project_id = $1 AND undone_at IS NULL', [
        projectId,
        importId,
      ]);
      return rows.length > 0;
    },
  };
}

function toJson({ id, record, name, version, hash, supersededBy, supersedes, authorId }: ImportedRow) {
  return {
    id,
    name,
    version,
    text: record.text,
    reasoning: record.reasoning,
    tags: record.tags,
    files: record.files,
    metadata: record.metadata,
    author: authorId,
    session_id: record.sessionId,
    created_at: record.createdAt,
    expires_at: record.expiresAt,
    superseded_by: supersededBy,
    superseded_at: record.supersededAt,
    supersedes,
    source: record.provenance.source,
    source_key: record.provenance.key,
    hash: hash.toString('hex'),
  };
}
