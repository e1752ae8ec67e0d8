import type { Pool } from 'pg';
import { inTransaction } from '../../db/in-transaction.js';
import { isUnexpired } from '../../db/live-rows.js';
import type { MemoryKind } from '../memory-types.js';
import { vectorToSql } from '../passages/vector-to-sql.js';
import { BM25_OF_PASSAGE } from './lexical-sql.js';
import type { LexicalOutcome } from './lexical-types.js';

export interface VectorCandidate {
  kind: MemoryKind;
  id: string;
  cosine: number;
  /** BM25 of its best lexical passage; null for a memory that the lexical search has already scored. */
  bm25: number | null;
  ords: number[] | null;
}

/** Memories that are returned besides those that words have found. */
export const MAX_NEAREST_MEMORIES = 100;
/** Passages that are read from the index: a long memory has several. */
const MAX_NEAREST = 200;

/**
 * $1 project, $2 vector, $3 kinds, $4 memories found by words, $5 lexemes, $6 their idf, $7 their ordinals, $8 mean length.
 * `chosen` tells of each candidate whether words had found it, by a join: `= ANY($4)` would compare each with all.
 */
const FOUND_BY_WORDS = 'WITH by_words AS MATERIALIZED (SELECT DISTINCT unnest($4::text[]) AS id)';
const WITH_BM25 = `
, weighted AS MATERIALIZED (
  SELECT ord, idf, 1 AS df, ('''' || replace(replace(lexeme, '\\', '\\\\'), '''', '''''') || '''')::tsquery AS q
  FROM unnest($5::text[], $6::float8[], $7::integer[]) AS t(lexeme, idf, ord)
), corpus AS MATERIALIZED (SELECT $8::float8 AS len)
SELECT c.owner_kind AS kind, c.owner_id AS id, c.cosine, x.bm25, x.ords
FROM chosen c LEFT JOIN LATERAL (
  SELECT b.bm25, b.ords FROM passages p CROSS JOIN LATERAL ${BM25_OF_PASSAGE} b
  WHERE NOT c.by_words AND p.owner_kind = c.owner_kind AND p.owner_id = c.owner_id AND p.tsv IS NOT NULL
  ORDER BY b.bm25 DESC, p.id LIMIT 1
) x ON true`;

/** Every vector of the project, one after the other: exact, and the faster way up to about 10,000. */
const EXACT_SQL = `${FOUND_BY_WORDS}, compared AS MATERIALIZED (
  SELECT owner_kind, owner_id, max(-(embedding <#> $2::vector)) AS cosine FROM passages
  WHERE project_id = $1 AND owner_kind = ANY($3) AND embedding IS NOT NULL AND ${isUnexpired()}
  GROUP BY owner_kind, owner_id
), chosen AS MATERIALIZED (
  SELECT owner_kind, owner_id, cosine, w.id IS NOT NULL AS by_words
  FROM (SELECT * FROM compared ORDER BY cosine DESC, owner_id LIMIT ${MAX_NEAREST_MEMORIES}) n LEFT JOIN by_words w ON w.id = n.owner_id
  UNION
  SELECT owner_kind, owner_id, cosine, true FROM compared JOIN by_words w ON w.id = owner_id
)${WITH_BM25}`;

/** The nearest by the index (half precision), compared in full precision. */
const INDEX_SQL = `${FOUND_BY_WORDS}, nearest AS MATERIALIZED (
  SELECT owner_kind, owner_id, -(embedding <#> $2::vector) AS cosine FROM passages
  WHERE project_id = $1 AND owner_kind = ANY($3) AND ${isUnexpired()}
  ORDER BY embedding::halfvec(384) <=> $2::vector::halfvec(384) LIMIT ${MAX_NEAREST}
), chosen AS MATERIALIZED (
  SELECT owner_kind, owner_id, max(cosine) AS cosine, w.id IS NOT NULL AS by_words FROM (
    SELECT * FROM nearest
    UNION ALL
    SELECT owner_kind, owner_id, -(embedding <#> $2::vector) FROM passages
    WHERE owner_kind = ANY($3) AND owner_id = ANY($4) AND embedding IS NOT NULL AND ${isUnexpired()}
  ) AS both_ways LEFT JOIN by_words w ON w.id = owner_id GROUP BY owner_kind, owner_id, w.id
), enough AS (SELECT count(*) >= ${MAX_NEAREST} AS full_answer FROM nearest)${WITH_BM25}
WHERE (SELECT full_answer FROM enough)`;

/**
 * For one transaction: the scan of the index continues past rows of other projects, within bounds. Other scans are
 * disabled, which raises their estimated cost; so JIT is off, which such a cost would start.
 */
const INDEX_SETTINGS = `SET LOCAL hnsw.iterative_scan = relaxed_order; SET LOCAL hnsw.ef_search = ${MAX_NEAREST};
  SET LOCAL hnsw.max_scan_tuples = 20000; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off;
  SET LOCAL enable_sort = off; SET LOCAL jit = off`;

/**
 * Memories nearest to the query's vector, and the cosine of those that words have found, in one round trip (four by index).
 * @param useIndex the project is large; where the index finds too few of its rows, every vector is compared instead
 */
export async function searchVectors(
  pool: Pool,
  request: { projectId: string; kinds: readonly MemoryKind[] },
  vector: Float32Array,
  lexical: LexicalOutcome,
  useIndex: boolean,
): Promise<VectorCandidate[]> {
  const held = lexical.terms.filter((term) => term.df > 0);
  const values = [
    request.projectId,
    vectorToSql(vector),
    [...request.kinds],
    lexical.candidates.map((candidate) => candidate.id),
    held.map((term) => term.lexeme),
    held.map((term) => term.idf),
    held.map((term) => term.ord),
    lexical.meanLength,
  ];
  if (useIndex) {
    // SET LOCAL lasts for one transaction, so nothing leaks to others, also where all share one session.
    const rows = await inTransaction(
      pool,
      async (client) => {
        await client.query(INDEX_SETTINGS);
        return (await client.query<VectorCandidate>({ name: 'search-by-index', text: INDEX_SQL, values })).rows;
      },
      'BEGIN READ ONLY',
    );
    if (rows.length > 0) return rows;
  }
  return (await pool.query<VectorCandidate>({ name: 'search-exactly', text: EXACT_SQL, values })).rows;
}
