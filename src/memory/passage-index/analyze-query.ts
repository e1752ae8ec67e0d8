import type { Pool } from 'pg';
import type { MemoryKind } from '../memory-types.js';
import { NAME_MATCH, NAMED_MEMORIES, QUERY_LEXEMES, QUERY_STEMS, withName } from '../search/lexical-sql.js';
import type { QueryValues } from '../search/search-lexically.js';
import type { Owner } from './project-index.js';

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

/** How much names are like the query. $1 ids, $2 the names of their memories, $3 the query. */
const NAMES_SQL = `
SELECT l.id, ${NAME_MATCH.replaceAll('$4', '$3')} AS "nameMatch" FROM unnest($1::text[], $2::text[]) AS l(id, name)`;

export async function analyzeQuery(pool: Pool, values: QueryValues): Promise<QueryAnalysis> {
  const { rows } = await pool.query<{ [K in keyof QueryAnalysis]: QueryAnalysis[K] | null }>({
    name: 'analyze-query',
    text: ANALYZE_SQL,
    values: [...values],
  });
  const row = rows[0];
  return { lexemes: row?.lexemes ?? [], stems: row?.stems ?? null, named: row?.named ?? [] };
}

/** How much the names of memories found by words are like the query, by id; without those that have none. */
export async function matchNames(
  pool: Pool,
  memories: readonly Pick<Owner, 'id' | 'name'>[],
  query: string,
): Promise<Map<string, number>> {
  const named = memories.filter(({ name }) => name !== null);
  if (named.length === 0) return new Map();
  const { rows } = await pool.query<{ id: string; nameMatch: number }>({
    name: 'match-names',
    text: NAMES_SQL,
    values: [named.map(({ id }) => id), named.map(({ name }) => name), query],
  });
  return new Map(rows.map(({ id, nameMatch }) => [id, nameMatch]));
}
