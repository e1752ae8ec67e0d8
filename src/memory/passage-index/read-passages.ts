import type { Pool } from 'pg';
import { hiddenColumn } from '../../db/planner-hints.js';
import type { MemoryKind } from '../memory-types.js';

export interface PassageRow {
  id: number;
  projectId: string;
  kind: MemoryKind;
  ownerId: string;
  /** Of its memory; they stay as long as the memory has this id. The name as names are compared, the time in seconds. */
  name: string | null;
  createdAt: number;
  start: number;
  end: number;
  /** ms since the epoch; null for what never expires. */
  expiresAt: number | null;
  /** The text form of its tsvector; null for a passage that has only a vector. */
  lexemes: string | null;
  /** In words, for BM25. */
  length: number;
  vector: Float32Array | null;
}

/** Passages of one statement: about 10 ms of an embedded database, where others wait for it. */
const PASSAGES_A_PAGE = 500;

/** Completed by a condition on `p`. */
const SELECT = `SELECT p.id::float8 AS id, p.project_id AS "projectId", p.owner_kind AS kind, p.owner_id AS "ownerId",
    o.name, extract(epoch FROM coalesce(o.created_at, p.created_at))::float8 AS "createdAt",
    p.start_offset AS start, p.end_offset AS "end", 1000 * extract(epoch FROM p.expires_at)::float8 AS "expiresAt",
    p.tsv::text AS lexemes, p.lexeme_count AS length, vector_send(p.embedding) AS vector
  FROM passages p LEFT JOIN LATERAL (
    SELECT fold_name(name) AS name, created_at FROM stashes WHERE p.owner_kind = 'stash' AND id = p.owner_id
    UNION ALL SELECT fold_name(key), created_at FROM insights WHERE p.owner_kind = 'insight' AND id = p.owner_id
    UNION ALL SELECT fold_name(topic), created_at FROM decisions WHERE p.owner_kind = 'decision' AND id = p.owner_id
  ) o ON true WHERE`;

type Row = Omit<PassageRow, 'vector'> & { vector: Buffer | null };

/** The passages of these ids that exist. */
export async function readPassages(pool: Pool, ids: readonly number[]): Promise<PassageRow[]> {
  const { rows } = await pool.query<Row>({
    name: 'read-passages-by-id',
    text: `${SELECT} p.id = ANY($1::bigint[])`,
    values: [ids],
  });
  return rows.map(withVector);
}

/**
 * A project's passages of the next page, by id.
 * @param after id of the last passage of the page before
 * @returns `last` is null behind the last page
 */
export async function readPage(
  pool: Pool,
  projectId: string,
  after: number,
): Promise<{ rows: PassageRow[]; last: number | null }> {
  const { rows } = await pool.query<{ last: number | null }>({
    name: 'read-passage-page',
    text: `SELECT max(id)::float8 AS last FROM (
        SELECT id FROM passages WHERE id > $1 ORDER BY id LIMIT ${PASSAGES_A_PAGE}) AS page`,
    values: [after],
  });
  const last = rows[0]?.last ?? null;
  if (last === null) return { rows: [], last };
  const page = await pool.query<Row>({
    name: 'read-passages-of-page',
    text: `${SELECT} p.id > $2 AND p.id <= $3 AND ${hiddenColumn('p.project_id')} = $1 ORDER BY p.id`,
    values: [projectId, after, last],
  });
  return { rows: page.rows.map(withVector), last };
}

function withVector({ vector, ...row }: Row): PassageRow {
  return { ...row, vector: vector && decodeVector(vector) };
}

/** pgvector's binary form: two integers of 16 bits, the dimensions and 0, then float32 in big-endian order. */
function decodeVector(bytes: Buffer): Float32Array {
  const values = new Uint8Array(bytes.subarray(4));
  Buffer.from(values.buffer).swap32();
  return new Float32Array(values.buffer);
}
