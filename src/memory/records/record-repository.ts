import type { Pool } from 'pg';
import type { MemoryKind } from '../memory-types.js';
import { selectOrigin } from '../origins/origin-repository.js';
import type { MemoryOrigin } from '../origins/origin-types.js';
import { AUTHOR_NAME, RECORD_COLUMNS, selectRecords } from './record-sql.js';
import type { MemoryRecord, Provenance, VersionSummary } from './record-types.js';

/** A version with where it was imported from, and the database's time. */
export type FoundRecord = MemoryRecord & { provenance: Provenance | null; origin: MemoryOrigin | null; now: Date };

export type RecordRepository = ReturnType<typeof createRecordRepository>;

/** Of a version's text in a history, in code points: more than a line of a terminal shows. */
const MAX_EXCERPT = 300;
/** Versions of one history; the newest are shown. */
const MAX_VERSIONS = 200;

export function createRecordRepository(pool: Pool) {
  return {
    /** One version, live or not. */
    async find(projectId: string, kind: MemoryKind, id: string): Promise<FoundRecord | null> {
      const { rows } = await pool.query<FoundRecord>(
        `SELECT r.*, now() AS now,
           CASE WHEN i.source IS NOT NULL THEN json_build_object('source', i.source, 'key', i.source_key) END AS provenance,
           ${selectOrigin('r.id')}
         FROM (${selectRecords(kind, 'WHERE m.project_id = $1 AND m.id = $2')}) r
         LEFT JOIN imported_memories i ON i.memory_id = r.id`,
        [projectId, id],
      );
      return rows[0] ?? null;
    },

    /**
     * All versions of a memory, newest first: those that superseded each other, and those of the same name.
     * A decision's topic is no name: several decisions may be on one.
     */
    async listVersions(projectId: string, kind: MemoryKind, id: string): Promise<VersionSummary[]> {
      const { table, name, text } = RECORD_COLUMNS[kind];
      const sameName =
        kind === 'decision'
          ? 'false'
          : `fold_name(${name}) = (SELECT fold_name(${name}) FROM ${table} m WHERE m.id = $2)`;
      const expired = kind === 'stash' ? 'm.expires_at <= now()' : 'false';
      const { rows } = await pool.query<VersionSummary>(
        `WITH RECURSIVE versions AS (
            SELECT m.id, m.superseded_by FROM ${table} m WHERE m.project_id = $1 AND (m.id = $2 OR ${sameName})
            UNION
            SELECT m.id, m.superseded_by FROM ${table} m JOIN versions v ON m.superseded_by = v.id OR m.id = v.superseded_by
            WHERE m.project_id = $1
          )
          SELECT m.id, m.version, ${name} AS name, left(${text}, ${MAX_EXCERPT}) AS excerpt, ${AUTHOR_NAME} AS author,
            m.created_at AS "createdAt",
            CASE WHEN m.forgotten_at IS NOT NULL THEN 'forgotten' WHEN m.superseded_by IS NOT NULL THEN 'superseded'
              WHEN ${expired} THEN 'expired' ELSE 'live' END AS state
          FROM (SELECT DISTINCT id FROM versions) v JOIN ${table} m ON m.id = v.id
          LEFT JOIN agents a ON a.id = m.created_by
          ORDER BY m.version DESC, m.created_at DESC LIMIT ${MAX_VERSIONS}`,
        [projectId, id],
      );
      return rows;
    },
  };
}
