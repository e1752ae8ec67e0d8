import type { Pool } from 'pg';
import { isUnexpired } from '../../db/live-rows.js';
import { hiddenColumn } from '../../db/planner-hints.js';
import { cutText } from '../../text/clip-text.js';
import { foldName } from '../../text/fold-name.js';
import type { MemoryKind } from '../memory-types.js';
import { groupTerms, weighGrams } from './group-terms.js';
import {
  BM25_OF_PASSAGE,
  NAME_MATCH,
  NAMED_MEMORIES,
  QUERY_LEXEMES,
  QUERY_STEMS,
  STOP_WEIGHT,
  withName,
} from './lexical-sql.js';
import type { LexicalCandidate, LexicalOutcome, Term } from './lexical-types.js';
import { queryWords, wordByLexeme } from './query-words.js';
import { segmentQuery } from './segment-query.js';

/** Characters of a query that are read. */
const MAX_QUERY_CHARS = 4_000;
/** Postings read for candidates in a project with statistics: of the rarest terms; other terms and stop words re-rank. */
const MAX_POSTINGS = 20_000;
/** Passages that are scored exactly: those with the highest sum of idf. */
export const MAX_SCORED_PASSAGES = 200;
/** Memories that are returned. */
export const MAX_CANDIDATES = 100;

/**
 * Terms in order of their document frequency; GIN finds the passages of each; the sum of the idf of a passage's terms
 * picks those that BM25 scores exactly, so that few tsvectors are read. Names are found by trigram.
 * The index of words has the project as a hidden column.
 * $1 to $8 as QueryValues, $9 whether the project has statistics.
 */
const LEXICAL_SQL = `
WITH lexemes AS MATERIALIZED (
${QUERY_LEXEMES}
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
  FROM passages WHERE project_id = $1 AND tsv IS NOT NULL HAVING NOT $9::boolean
  UNION ALL
  SELECT passage_count, greatest(lexeme_total::float8 / greatest(passage_count, 1), 1) FROM projects WHERE id = $1 AND $9
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
  ORDER BY p.owner_kind, p.owner_id, b.bm25 DESC, p.id
), named AS MATERIALIZED (
${NAMED_MEMORIES}
), best AS (
  (SELECT owner_kind, owner_id, bm25, ords FROM scored ORDER BY bm25 DESC, owner_id LIMIT ${MAX_CANDIDATES})
  UNION ALL
  SELECT n.owner_kind, n.owner_id, b.bm25, b.ords
  FROM named n CROSS JOIN LATERAL (
    SELECT b.bm25, b.ords FROM passages p CROSS JOIN LATERAL ${BM25_OF_PASSAGE} b
    WHERE p.owner_kind = n.owner_kind AND p.owner_id = n.owner_id AND p.tsv IS NOT NULL ORDER BY b.bm25 DESC, p.id LIMIT 1
  ) b
)
SELECT
  (SELECT json_agg(json_build_object('ord', ord, 'lexeme', lexeme, 'identifier', identifier, 'stop', stop, 'df', df, 'idf', idf)
     ORDER BY ord) FROM weighted) AS terms,
  ${QUERY_STEMS} AS stems,
  (SELECT n FROM corpus) AS passages, (SELECT len FROM corpus) AS "meanLength",
  (SELECT json_agg(json_build_object('kind', b.owner_kind, 'id', b.owner_id, 'bm25', b.bm25, 'ords', coalesce(b.ords, '{}'),
     'nameMatch', ${NAME_MATCH}))
   FROM best b ${withName('b')}) AS candidates`;

/** Characters of the query that are compared with names. */
const MAX_NAME_CHARS = 256;

/** What a search by words found, before the query's words are joined to it. */
export interface LexicalRow {
  terms: Omit<Term, 'word'>[] | null;
  stems: (string | null)[] | null;
  passages: number | null;
  meanLength: number | null;
  candidates: LexicalCandidate[] | null;
}

/** `corrected` is the query without its misspelt words; names are compared with the query as it is. */
export interface LexicalRequest {
  projectId: string;
  query: string;
  corrected?: string;
  kinds: readonly MemoryKind[];
}

/**
 * Project, query, kinds, the beginning of the query as names are compared, its words, whose stems say which word a lexeme stands
 * for, grams of its words without spaces, their weights, whether they name nothing: $1 to $8.
 */
export type QueryValues = readonly [string, string, MemoryKind[], string, string[], string[], number[], boolean[]];

/** Reads a query: what a statement gets, and what becomes of what it found. */
export function prepareQuery(request: LexicalRequest): {
  values: QueryValues;
  toOutcome(found: LexicalRow): LexicalOutcome;
} {
  const { spaced, words: cut, knownShare } = segmentQuery(cutText(request.corrected ?? request.query, MAX_QUERY_CHARS));
  const name = foldName(cutText(request.query.trim(), MAX_NAME_CHARS));
  const words = queryWords(spaced);
  const grams = weighGrams(cut);
  return {
    values: [
      request.projectId,
      spaced,
      [...request.kinds],
      name,
      words,
      grams.map(({ lexeme }) => lexeme),
      grams.map(({ weight }) => weight),
      grams.map(({ functional }) => functional),
    ],
    toOutcome(found) {
      const wordOf = wordByLexeme(words, found.stems ?? []);
      const terms = (found.terms ?? []).map((term) => ({ ...term, word: wordOf(term.lexeme) }));
      return {
        terms,
        groups: groupTerms(terms, cut),
        knownShare,
        passages: found.passages ?? 0,
        meanLength: found.meanLength ?? 1,
        candidates: withoutRepeats(found.candidates ?? []),
      };
    },
  };
}

const NOTHING: LexicalRow = { terms: null, stems: null, passages: null, meanLength: null, candidates: null };

/**
 * Finds memories by words and by names, in one round trip. Document frequencies are exact, counted by the same scan,
 * where the project has no statistics.
 * @param hasStatistics the project is large and `refreshLexemeStats` has counted it
 */
export async function searchLexically(
  pool: Pool,
  request: LexicalRequest,
  hasStatistics: boolean,
): Promise<LexicalOutcome> {
  const { values, toOutcome } = prepareQuery(request);
  const { rows } = await pool.query<LexicalRow>({
    name: 'search-lexically',
    text: LEXICAL_SQL,
    values: [...values, hasStatistics],
  });
  return toOutcome(rows[0] ?? NOTHING);
}

/** A memory that was found by words and by name is there twice, with equal evidence. */
function withoutRepeats(candidates: readonly LexicalCandidate[]): LexicalCandidate[] {
  return [...new Map(candidates.map((candidate) => [candidate.id, candidate])).values()];
}
