import type { Pool } from 'pg';
import { isUnexpired } from '../../db/live-rows.js';
import { MEMORY_KINDS, type MemoryKind } from '../memory-types.js';
import { RECORD_COLUMNS, selectRecords } from '../records/record-sql.js';
import { type ExportRecord, OWN_FORMAT } from './transfer-types.js';

/** Memories of one page, and characters of their texts: a page is one answer to the command line. */
const MAX_MEMORIES = 500;
const MAX_CHARS = 1_000_000;

/** The last memory of a page. Times have the precision of JavaScript's, in which exports write them. */
export interface ExportCursor {
  kind: MemoryKind;
  at: Date;
  id: string;
}

export type ExportRepository = ReturnType<typeof createExportRepository>;

const MS = `date_trunc('milliseconds', m.created_at)`;

/** Reads memories for an export: kind by kind, oldest first. What was forgotten or has expired stays out. */
export function createExportRepository(pool: Pool) {
  async function readPage(
    projectId: string,
    kind: MemoryKind,
    after: ExportCursor | null,
    hasHistory: boolean,
  ): Promise<ExportRecord[]> {
    const unexpired = kind === 'stash' ? `AND ${isUnexpired('m.')}` : '';
    const { rows } = await pool.query<ExportRecord & { chars: number }>(
      `SELECT r.*, CASE WHEN i.source <> '${OWN_FORMAT}' THEN json_build_object('source', i.source, 'key', i.source_key) END AS provenance
       FROM (
         SELECT p.*, sum(p.chars) OVER (ORDER BY p.at, p.id) AS total, row_number() OVER (ORDER BY p.at, p.id) AS rank FROM (
           SELECT s.*, date_trunc('milliseconds', s."createdAt") AS at, char_length(s.text) + coalesce(char_length(s.reasoning), 0) AS chars
           FROM (${selectRecords(
             kind,
             `WHERE m.project_id = $1 AND m.forgotten_at IS NULL ${unexpired} AND ($4 OR m.superseded_by IS NULL)
               AND ($2::timestamptz IS NULL OR (m.created_at >= $2 AND (${MS}, m.id) > ($2, $3)))
               ORDER BY ${MS}, m.id LIMIT ${MAX_MEMORIES}`,
           )}) s
         ) p
       ) r LEFT JOIN imported_memories i ON i.memory_id = r.id
       WHERE r.total <= ${MAX_CHARS} OR r.rank = 1 ORDER BY r.rank`,
      [projectId, after?.at ?? null, after?.id ?? null, hasHistory],
    );
    return rows;
  }

  return {
    /** @returns a page of memories, and the cursor of the next one; null at the end */
    async page(
      projectId: string,
      after: ExportCursor | null,
      hasHistory: boolean,
    ): Promise<{ records: ExportRecord[]; next: ExportCursor | null }> {
      let from = after;
      for (const kind of MEMORY_KINDS.slice(after ? MEMORY_KINDS.indexOf(after.kind) : 0)) {
        const records = await readPage(projectId, kind, from, hasHistory);
        const last = records.at(-1);
        if (last) return { records, next: { kind, at: new Date(last.createdAt), id: last.id } };
        from = null;
      }
      return { records: [], next: null };
    },

    /** How many memories an export has, for its progress. */
    async count(projectId: string, hasHistory: boolean): Promise<number> {
      const { rows } = await pool.query<{ count: number }>(
        `SELECT sum(count)::int AS count FROM (${MEMORY_KINDS.map(
          (
            kind,
          ) => `SELECT count(*) FROM ${RECORD_COLUMNS[kind].table} m WHERE m.project_id = $1 AND m.forgotten_at IS NULL
            AND ($2 OR m.superseded_by IS NULL) ${kind === 'stash' ? `AND ${isUnexpired('m.')}` : ''}`,
        ).join(' UNION ALL ')}) counts (count)`,
        [projectId, hasHistory],
      );
      return rows[0]?.count ?? 0;
    },
  };
}
