import type { Pool } from 'pg';
import type { MemoryKind } from '../memory-types.js';
import { NAME_MATCH, NAMED_MEMORIES, QUERY_LEXEMES, QUERY_STEMS, withName } from '../search/lexical-sql.js';
import type { QueryValues } from '../search/search-lexically.js';

/** A lexeme of the query, in the order of its terms. */
export interface QueryLexeme {
  ord: number;
  lexeme: string;
  identifier: boolean;
  stop: boolean;
  /** Of a gram: its weight beside a term's 1. */
  weight: number | null;
}

export interface NamedMemory {
  kind: MemoryKind;
  id: string;
  nameMatch: number;
}

export interface QueryAnalysis {
  lexemes: QueryLexeme[];
  stems: (string | null)[] | null;
  /** Memories whose names are like the query. */
  named: NamedMemory[];
}

/** The part of a search by words that needs the database: its lexemes by the database's rules, and names by trigram. */
const ANALYZE_SQL = `
WITH lexemes AS MATERIALIZED (
  SELECT row_number() OVER (ORDER BY l.stop, l.lexeme) AS ord, l.* FROM (${QUERY_LEXEMES}
  ) AS l
), named AS MATERIALIZED (${NAMED_MEMORIES}
)
SELECT (SELECT json_agg(lexemes ORDER BY ord) FROM lexemes) AS lexemes, ${QUERY_STEMS} AS stems,
  (SELECT json_agg(json_build_object('kind', n.owner_kind, 'id', n.owner_id, 'nameMatch', ${NAME_MATCH}))
   FROM named n ${withName('n')}) AS named`;

/** How much the names of memories found by words are like the query. $1 kinds, $2 ids, $3 the query. */
const NAMES_SQL = `
SELECT n.owner_id AS id, ${NAME_MATCH.replaceAll('$4', '$3')} AS "nameMatch"
FROM unnest($1::memory_kind[], $2::text[]) AS n(owner_kind, owner_id) ${withName('n')} WHERE l.name IS NOT NULL`;

export async function analyzeQuery(pool: Pool, values: QueryValues): Promise<QueryAnalysis> {
  const { rows } = await pool.query<{ [K in keyof QueryAnalysis]: QueryAnalysis[K] | null }>({
    name: 'analyze-query',
    text: ANALYZE_SQL,
    values: [...values],
  });
  const row = rows[0];
  return { lexemes: row?.lexemes ?? [], stems: row?.stems ?? null, named: row?.named ?? [] };
}

/** @returns by id; memories without a name have no entry */
export async function matchNames(
  pool: Pool,
  memories: readonly { kind: MemoryKind; id: string }[],
  name: string,
): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ id: string; nameMatch: number }>({
    name: 'match-names',
    text: NAMES_SQL,
    values: [memories.map(({ kind }) => kind), memories.map(({ id }) => id), name],
  });
  return new Map(rows.map(({ id, nameMatch }) => [id, nameMatch]));
}
