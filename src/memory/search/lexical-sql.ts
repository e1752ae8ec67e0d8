import { isLive, isUnexpired } from '../../db/live-rows.js';
import { FENCE } from '../../db/planner-hints.js';

/** BM25's saturation and length parameters, at their usual values. */
export const K1 = 1.2;
export const B = 0.75;
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

/** Terms that are looked up; of a longer query its most frequent and longest. */
const MAX_TERMS = 64;

/** Rows (lexeme, identifier, stop, weight) of the query's lexemes and grams; see QueryValues for $2 and $6 to $8. */
export const QUERY_LEXEMES = `
  (SELECT lexeme, positions IS NULL AS identifier,
          ts_lexize('english_stem', lexeme) = '{}' OR ascii(lexeme) > 127 AND ts_lexize('russian_stem', lexeme) = '{}' AS stop,
          NULL::float8 AS weight
   FROM unnest(popstash_tsvector($2)) AS u
   ORDER BY positions IS NULL DESC, cardinality(positions) DESC, length(lexeme) DESC, lexeme LIMIT ${MAX_TERMS})
  UNION ALL
  SELECT lexeme, false, stop, weight FROM unnest($6::text[], $7::float8[], $8::boolean[]) AS g(lexeme, weight, stop)`;

/** The stems of the query's words $5, in their order. */
export const QUERY_STEMS = `(SELECT json_agg((ts_lexize('english_stem', word))[1] ORDER BY n) FROM unnest($5::text[]) WITH ORDINALITY AS w(word, n))`;

/** Rows (owner_kind, owner_id) of the memories of project $1 and kinds $3 whose names are like $4. */
export const NAMED_MEMORIES = `
  (SELECT 'stash'::memory_kind AS owner_kind, id AS owner_id FROM stashes
   WHERE project_id = $1 AND 'stash' = ANY($3) AND (fold_name(name) % $4 OR fold_name(name) = $4)
     AND ${isLive()} AND ${isUnexpired()}
   ORDER BY similarity(fold_name(name), $4) DESC, id LIMIT 20)
  UNION ALL
  (SELECT 'insight'::memory_kind, id FROM insights
   WHERE project_id = $1 AND 'insight' = ANY($3) AND (fold_name(key) % $4 OR fold_name(key) = $4)
     AND ${isLive()}
   ORDER BY similarity(fold_name(key), $4) DESC, id LIMIT 20)
  UNION ALL
  (SELECT 'decision'::memory_kind, id FROM decisions
   WHERE project_id = $1 AND 'decision' = ANY($3) AND (fold_name(topic) % $4 OR fold_name(topic) = $4)
     AND ${isLive()}
   ORDER BY similarity(fold_name(topic), $4) DESC, id LIMIT 20)`;

/** How much the name `l.name` is like $4, 0 to 1. */
export const NAME_MATCH = `CASE WHEN l.name IS NULL THEN 0 WHEN l.name = $4 THEN 1 ELSE least(0.99, greatest(similarity(l.name, $4),
        -- A long name within the query is meant as a name; a short one may be any word.
        strict_word_similarity(l.name, $4) * least(1, length(l.name) / 16.0))) END`;

/** Joins the name `l.name` of the memory that a row tells of by owner_kind and owner_id. */
export function withName(row: string): string {
  return `LEFT JOIN LATERAL (
     SELECT fold_name(name) AS name FROM stashes WHERE ${row}.owner_kind = 'stash' AND id = ${row}.owner_id
     UNION ALL SELECT fold_name(key) FROM insights WHERE ${row}.owner_kind = 'insight' AND id = ${row}.owner_id
     UNION ALL SELECT fold_name(topic) FROM decisions WHERE ${row}.owner_kind = 'decision' AND id = ${row}.owner_id
   ) l ON true`;
}
