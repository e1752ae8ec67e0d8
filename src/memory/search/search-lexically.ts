import type { Pool } from 'pg';
import { isLive, isUnexpired } from '../../db/live-rows.js';
import { hiddenColumn } from '../../db/planner-hints.js';
import { cutText } from '../../text/clip-text.js';
import { foldName } from '../../text/fold-name.js';
import type { MemoryKind } from '../memory-types.js';
import { BM25_OF_PASSAGE, STOP_WEIGHT } from './bm25-sql.js';
import { groupTerms, weighGrams } from './group-terms.js';
import type { LexicalCandidate, LexicalOutcome, Term } from './lexical-types.js';
import { queryWords, wordByLexeme } from './query-words.js';
import { segmentQuery } from './segment-query.js';

/** Characters of a query that are read. */
const MAX_QUERY_CHARS = 4_000;
/** Terms that are looked up; of a longer query its most frequent and longest. */
const MAX_TERMS = 64;
/** Postings read for candidates in a project with statistics: of the rarest terms; other terms and stop words re-rank. */
const MAX_POSTINGS = 20_000;
/** Passages that are scored exactly: those with the highest sum of idf. */
const MAX_SCORED_PASSAGES = 200;
/** Memories that are returned. */
const MAX_CANDIDATES = 100;

/**
 * Terms in order of their document frequency; GIN finds the passages of each; the sum of the idf of a passage's terms
 * picks those that BM25 scores exactly, so that few tsvectors are read. Names are found by trigram.
 * The index of words has the project as a hidden column.
 * $1 project, $2 query, $3 kinds, $4 whether the project has statistics, $5 the beginning of the query as names are compared, $6 its
 * words, whose stems say which word a lexeme stands for, $7 grams of its words without spaces, $8 their weights, $9 whether
 * they name nothing.
 */
const LEXICAL_SQL = `
WITH lexemes AS MATERIALIZED (
  (SELECT lexeme, positions IS NULL AS identifier,
          ts_lexize('english_stem', lexeme) = '{}' OR ascii(lexeme) > 127 AND ts_lexize('russian_stem', lexeme) = '{}' AS stop,
          NULL::float8 AS weight
   FROM unnest(popstash_tsvector($2)) AS u
   ORDER BY positions IS NULL DESC, cardinality(positions) DESC, length(lexeme) DESC, lexeme LIMIT ${MAX_TERMS})
  UNION ALL
  SELECT lexeme, false, stop, weight FROM unnest($7::text[], $8::float8[], $9::boolean[]) AS g(lexeme, weight, stop)
), terms AS MATERIALIZED (
  SELECT row_number() OVER rarest AS ord, l.*, coalesce(s.passages, 0) AS known_df,
         ('''' || replace(replace(l.lexeme, '\\', '\\\\'), '''', '''''') || '''')::tsquery AS q,
         sum(coalesce(s.passages, 0)) OVER rarest <= ${MAX_POSTINGS}
           AND (NOT l.stop OR s.passages IS NULL OR bool_and(l.stop) OVER ()) AS scanned
  FROM lexemes l LEFT JOIN lexeme_stats s ON s.project_id = $1 AND s.lexeme = l.lexeme
  WINDOW rarest AS (ORDER BY l.stop, coalesce(s.passages, 0), l.lexeme)
), postings AS MATERIALIZED (
  SELECT t.*, CASE WHEN p.df > 0 THEN p.df ELSE t.known_df END::float8 AS df, p.ids
  FROM terms t CROSS JOIN LATERAL (
    -- One array a term: a row a posting would cost several times as much.
    SELECT count(*) AS df, array_agg(id) FILTER (WHERE owner_kind = ANY($3)) AS ids FROM passages
    WHERE t.scanned AND ${hiddenColumn('project_id')} = $1 AND tsv @@ t.q AND ${isUnexpired()}
  ) p
), corpus AS MATERIALIZED (
  SELECT count(*)::float8 AS n, greatest(coalesce(avg(lexeme_count), 1), 1)::float8 AS len
  FROM passages WHERE project_id = $1 AND tsv IS NOT NULL HAVING NOT $4::boolean
  UNION ALL
  SELECT passage_count, greatest(lexeme_total::float8 / greatest(passage_count, 1), 1) FROM projects WHERE id = $1 AND $4
), weighted AS MATERIALIZED (
  SELECT t.ord, t.lexeme, t.q, t.identifier, t.stop, t.df,
         CASE WHEN t.identifier THEN 0 WHEN t.weight IS NOT NULL THEN t.weight WHEN t.stop THEN ${STOP_WEIGHT} ELSE 1 END
         * ln(1 + (greatest(c.n, t.df) - t.df + 0.5) / (t.df + 0.5)) AS idf
  FROM postings t CROSS JOIN corpus c
), ranked AS MATERIALIZED (
  SELECT m.id FROM (SELECT unnest(p.ids) AS id, w.identifier, w.idf FROM postings p JOIN weighted w USING (ord)) m
  GROUP BY m.id ORDER BY bool_or(m.identifier) DESC, sum(m.idf) DESC, m.id LIMIT ${MAX_SCORED_PASSAGES}
), scored AS (
  SELECT DISTINCT ON (p.owner_kind, p.owner_id) p.owner_kind, p.owner_id, b.bm25, b.ords
  FROM ranked r JOIN passages p ON p.id = r.id CROSS JOIN LATERAL ${BM25_OF_PASSAGE} b
  ORDER BY p.owner_kind, p.owner_id, b.bm25 DESC
), named AS MATERIALIZED (
  (SELECT 'stash'::memory_kind AS owner_kind, id AS owner_id FROM stashes
   WHERE project_id = $1 AND 'stash' = ANY($3) AND (fold_name(name) % $5 OR fold_name(name) = $5)
     AND ${isLive()} AND ${isUnexpired()}
   ORDER BY similarity(fold_name(name), $5) DESC LIMIT 20)
  UNION ALL
  (SELECT 'insight'::memory_kind, id FROM insights
   WHERE project_id = $1 AND 'insight' = ANY($3) AND (fold_name(key) % $5 OR fold_name(key) = $5)
     AND ${isLive()}
   ORDER BY similarity(fold_name(key), $5) DESC LIMIT 20)
  UNION ALL
  (SELECT 'decision'::memory_kind, id FROM decisions
   WHERE project_id = $1 AND 'decision' = ANY($3) AND (fold_name(topic) % $5 OR fold_name(topic) = $5)
     AND ${isLive()}
   ORDER BY similarity(fold_name(topic), $5) DESC LIMIT 20)
), best AS (
  (SELECT owner_kind, owner_id, bm25, ords FROM scored ORDER BY bm25 DESC, owner_id LIMIT ${MAX_CANDIDATES})
  UNION ALL
  SELECT n.owner_kind, n.owner_id, b.bm25, b.ords
  FROM named n CROSS JOIN LATERAL (
    SELECT b.bm25, b.ords FROM passages p CROSS JOIN LATERAL ${BM25_OF_PASSAGE} b
    WHERE p.owner_kind = n.owner_kind AND p.owner_id = n.owner_id AND p.tsv IS NOT NULL ORDER BY b.bm25 DESC LIMIT 1
  ) b
)
SELECT
  (SELECT json_agg(json_build_object('ord', ord, 'lexeme', lexeme, 'identifier', identifier, 'stop', stop, 'df', df, 'idf', idf)
     ORDER BY ord) FROM weighted) AS terms,
  (SELECT json_agg((ts_lexize('english_stem', word))[1] ORDER BY n) FROM unnest($6::text[]) WITH ORDINALITY AS w(word, n)) AS stems,
  (SELECT n FROM corpus) AS passages, (SELECT len FROM corpus) AS "meanLength",
  (SELECT json_agg(json_build_object('kind', b.owner_kind, 'id', b.owner_id, 'bm25', b.bm25, 'ords', coalesce(b.ords, '{}'),
     'nameMatch', CASE WHEN l.name IS NULL THEN 0 WHEN l.name = $5 THEN 1 ELSE least(0.99, greatest(similarity(l.name, $5),
        -- A long name within the query is meant as a name; a short one may be any word.
        strict_word_similarity(l.name, $5) * least(1, length(l.name) / 16.0))) END))
   FROM best b LEFT JOIN LATERAL (
     SELECT fold_name(name) AS name FROM stashes WHERE b.owner_kind = 'stash' AND id = b.owner_id
     UNION ALL SELECT fold_name(key) FROM insights WHERE b.owner_kind = 'insight' AND id = b.owner_id
     UNION ALL SELECT fold_name(topic) FROM decisions WHERE b.owner_kind = 'decision' AND id = b.owner_id
   ) l ON true) AS candidates`;

/** Characters of the query that are compared with names. */
const MAX_NAME_CHARS = 256;

interface Row {
  terms: Omit<Term, 'word'>[] | null;
  stems: (string | null)[] | null;
  passages: number | null;
  meanLength: number | null;
  candidates: LexicalCandidate[] | null;
}

/**
 * Finds memories by words and by names, in one round trip. Document frequencies are exact, counted by the same scan,
 * where the project has no statistics.
 * @param request `corrected` is the query without its misspelt words; names are compared with the query as it is
 * @param hasStatistics the project is large and `refreshLexemeStats` has counted it
 */
export async function searchLexically(
  pool: Pool,
  request: { projectId: string; query: string; corrected?: string; kinds: readonly MemoryKind[] },
  hasStatistics: boolean,
): Promise<LexicalOutcome> {
  const { spaced, words: cut, knownShare } = segmentQuery(cutText(request.corrected ?? request.query, MAX_QUERY_CHARS));
  const name = foldName(cutText(request.query.trim(), MAX_NAME_CHARS));
  const words = queryWords(spaced);
  const grams = weighGrams(cut);
  const { rows } = await pool.query<Row>({
    name: 'search-lexically',
    text: LEXICAL_SQL,
    values: [
      request.projectId,
      spaced,
      [...request.kinds],
      hasStatistics,
      name,
      words,
      grams.map(({ lexeme }) => lexeme),
      grams.map(({ weight }) => weight),
      grams.map(({ functional }) => functional),
    ],
  });
  const row = rows[0];
  const wordOf = wordByLexeme(words, row?.stems ?? []);
  const terms = (row?.terms ?? []).map((term) => ({ ...term, word: wordOf(term.lexeme) }));
  return {
    terms,
    groups: groupTerms(terms, cut),
    knownShare,
    passages: row?.passages ?? 0,
    meanLength: row?.meanLength ?? 1,
    candidates: withoutRepeats(row?.candidates ?? []),
  };
}

/** A memory that was found by words and by name is there twice, with equal evidence. */
function withoutRepeats(candidates: readonly LexicalCandidate[]): LexicalCandidate[] {
  return [...new Map(candidates.map((candidate) => [candidate.id, candidate])).values()];
}
