import type { Pool } from 'pg';
import { hiddenColumn } from '../../db/planner-hints.js';
import type { MemoryKind } from '../memory-types.js';

export interface PassageRow {
  id: number;
  projectId: string;
  kind: MemoryKind;
  ownerId: string;
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

const COLUMNS = `id::float8 AS id, project_id AS "projectId", owner_kind AS kind, owner_id AS "ownerId",
  start_offset AS start, end_offset AS "end", 1000 * extract(epoch FROM expires_at)::float8 AS "expiresAt",
  tsv::text AS lexemes, lexeme_count AS length, vector_send(embedding) AS vector`;

type Row = Omit<PassageRow, 'vector'> & { vector: Buffer | null };

/** The passages of these ids that exist. */
export async function readPassages(pool: Pool, ids: readonly number[]): Promise<PassageRow[]> {
  const { rows } = await pool.query<Row>({
    name: 'read-passages-by-id',
    text: `SELECT ${COLUMNS} FROM passages WHERE id = ANY($1::bigint[])`,
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
    text: `SELECT ${COLUMNS} FROM passages WHERE id > $2 AND id <= $3 AND ${hiddenColumn('project_id')} = $1 ORDER BY id`,
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
