import type { Pool } from 'pg';
import { FENCE } from '../../db/planner-hints.js';
import { vectorToSql } from '../passages/vector-to-sql.js';
import type { LocatedPassage } from './search-types.js';

/** Passages of one memory that are nearest to the query. */
export const MAX_LOCATED_PASSAGES = 5;

/** Where in each memory's search text its passages nearest to a vector are. A memory without vectors has none. */
export async function locatePassages(
  pool: Pool,
  ids: readonly string[],
  vector: Float32Array,
): Promise<Map<string, LocatedPassage[]>> {
  const { rows } = await pool.query<LocatedPassage & { id: string }>({
    name: 'locate-passages',
    text: `SELECT owner_id AS id, start_offset AS start, end_offset AS "end", cosine FROM (
        SELECT owner_id, start_offset, end_offset, -(embedding <#> $2::vector) AS cosine,
          row_number() OVER (PARTITION BY owner_id ORDER BY embedding <#> $2::vector, start_offset) AS rank
        FROM (
          SELECT * FROM passages WHERE owner_kind = ANY('{stash,insight,decision}') AND owner_id = ANY($1) ${FENCE}
        ) p WHERE embedding IS NOT NULL
      ) ranked WHERE rank <= ${MAX_LOCATED_PASSAGES} ORDER BY rank`,
    values: [ids, vectorToSql(vector)],
  });
  const located = new Map<string, LocatedPassage[]>();
  for (const { id, ...passage } of rows) located.set(id, [...(located.get(id) ?? []), passage]);
  return located;
}
