import { FENCE } from '../../db/planner-hints.js';

/** BM25's saturation and length parameters, at their usual values. */
export const K1 = 1.2;
const B = 0.75;
/** Weight of stop words: in a small project they seem rare, and in questions they carry little. */
export const STOP_WEIGHT = 0.5;

/**
 * Times that the lexeme of a one-word tsquery occurs in a tsvector. PostgreSQL has no function for it but unnesting the
 * whole vector. With equal weights, ts_rank of one word is (1 + 1/4 + … + 1/tf²) ÷ (π² ÷ 6), which this inverts.
 */
function termFrequency(tsv: string, query: string): string {
  return `round(1 / greatest(1.64493406685 * (1 - ts_rank('{1,1,1,1}', ${tsv}, ${query})), 0.0005) - 0.5)`;
}

/**
 * A LATERAL subquery with columns `bm25` and `ords` for one passage `p`: its BM25 (not yet divided by the bound) and the
 * ordinals of the query's terms that it contains. Reads the CTEs `weighted` (ord, q, df, idf) and `corpus` (len).
 */
export const BM25_OF_PASSAGE = `(
    SELECT coalesce(sum(w.idf * ${K1 + 1} * f.tf / (f.tf + ${K1} * (${1 - B} + ${B} * p.lexeme_count / c.len))), 0) AS bm25,
           array_agg(w.ord) AS ords
    -- Appending nothing unpacks the stored tsvector once, not once a term.
    FROM (SELECT p.tsv || ''::tsvector AS tsv ${FENCE}) d CROSS JOIN weighted w CROSS JOIN corpus c
      CROSS JOIN LATERAL (SELECT ${termFrequency('d.tsv', 'w.q')} AS tf ${FENCE}) f
    WHERE w.df > 0 AND d.tsv @@ w.q
  )`;
