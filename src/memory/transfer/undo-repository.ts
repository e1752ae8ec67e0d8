import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '../../db/in-transaction.js';
import { MEMORY_KINDS, type MemoryKind } from '../memory-types.js';
import { CUT_PASSAGE_IDS, clearAllPassagesCte, cutPassagesCte } from '../passages/write-sql.js';
import { RECORD_COLUMNS } from '../records/record-sql.js';

/** Memories of one transaction. */
const MAX_REMOVED = 300;

/** The search text of a row, by kind, and when it expires. */
const BODIES: Record<MemoryKind, string> = {
  stash: 'stash_search_text(name, summary, files) AS body, expires_at',
  insight: 'insight_search_text(key, content, tags) AS body, NULL::timestamptz AS expires_at',
  decision: 'decision_search_text(topic, decision, reasoning) AS body, NULL::timestamptz AS expires_at',
};

export type UndoRepository = ReturnType<typeof createUndoRepository>;

export interface RemovedPart {
  removed: number;
  /** Memories that an import had replaced, and that are live again. */
  revived: number;
  passageIds: string[];
}

/** Takes back what an import wrote. */
export function createUndoRepository(pool: Pool) {
  return {
    /**
     * Deletes memories of an import, and brings back what they had replaced. What somebody has edited since stays, with
     * its versions. Call it again until nothing is removed.
     */
    async removeSome(projectId: string, importId: string): Promise<RemovedPart> {
      const part: RemovedPart = { removed: 0, revived: 0, passageIds: [] };
      for (const kind of MEMORY_KINDS) {
        await inTransaction(pool, async (client) => {
          const removed = await removeOfKind(client, kind, projectId, importId);
          if (removed.length === 0) return;
          const revived = await reviveOfKind(client, kind, projectId, importId, removed);
          part.removed += removed.length;
          part.revived += revived.count;
          part.passageIds.push(...revived.passageIds);
        });
      }
      return part;
    },

    /** Marks an import as undone and logs it. @returns how many of its memories stay */
    async finish(projectId: string, importId: string, agentId: string, removed: number): Promise<number> {
      const { rows } = await pool.query<{ kept: number }>(
        `WITH kept AS (
            SELECT count(*)::int AS kept FROM imported_memories i WHERE i.import_id = $2 AND (${MEMORY_KINDS.map(
              (kind) => `EXISTS (SELECT FROM ${RECORD_COLUMNS[kind].table} WHERE id = i.memory_id)`,
            ).join(' OR ')})
          ), undone AS (
            UPDATE imports SET undone_at = now() WHERE id = $2 AND project_id = $1 RETURNING source, origin
          ), released AS (
            DELETE FROM imported_memories WHERE import_id = $2 AND EXISTS (SELECT FROM undone)
          ), activity AS (
            INSERT INTO activities (project_id, agent_id, type, subject, metadata)
            SELECT $1, $3, 'import_undone', left(source || ': ' || origin, 300), jsonb_build_object('id', $2::text, 'count', $4::int)
            FROM undone
          )
          SELECT kept FROM kept`,
        [projectId, importId, agentId, removed],
      );
      return rows[0]?.kept ?? 0;
    },
  };
}

/** What nobody has replaced since, or the same import alone. */
async function removeOfKind(
  client: PoolClient,
  kind: MemoryKind,
  projectId: string,
  importId: string,
): Promise<string[]> {
  const { table } = RECORD_COLUMNS[kind];
  const { rows } = await client.query<{ id: string }>(
    `WITH gone AS (
        DELETE FROM ${table} WHERE project_id = $1 AND id IN (
          SELECT m.id FROM imported_memories i JOIN ${table} m ON m.id = i.memory_id
          WHERE i.import_id = $2 AND NOT EXISTS (
            SELECT FROM ${table} s WHERE s.id = m.superseded_by
              AND NOT EXISTS (SELECT FROM imported_memories o WHERE o.import_id = $2 AND o.memory_id = s.id))
          LIMIT ${MAX_REMOVED} FOR UPDATE OF m)
        RETURNING id
      ), ${clearAllPassagesCte(kind, 'gone')}
      SELECT id FROM gone`,
    [projectId, importId],
  );
  return rows.map(({ id }) => id);
}

async function reviveOfKind(
  client: PoolClient,
  kind: MemoryKind,
  projectId: string,
  importId: string,
  removed: readonly string[],
): Promise<{ count: number; passageIds: string[] }> {
  const { rows } = await client.query<{ count: number; passage_ids: string[] }>(
    `WITH revived AS (
        UPDATE ${RECORD_COLUMNS[kind].table} SET superseded_by = NULL, superseded_at = NULL
        WHERE project_id = $1 AND superseded_by = ANY($2)
          AND NOT EXISTS (SELECT FROM imported_memories WHERE import_id = $3 AND memory_id = id)
        RETURNING *
      ), written AS (
        SELECT *, ${BODIES[kind]} FROM revived WHERE forgotten_at IS NULL
      ), ${cutPassagesCte(kind)}
      SELECT (SELECT count(*)::int FROM written) AS count, ${CUT_PASSAGE_IDS}`,
    [projectId, removed, importId],
  );
  return { count: rows[0]?.count ?? 0, passageIds: rows[0]?.passage_ids ?? [] };
}
