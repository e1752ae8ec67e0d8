/** What statements say to PostgreSQL's planner, by the names of docs/planner-hints.md, which explains each. */

/** Hint "hidden column": a column of text that only an index on the same expression fits. */
export function hiddenColumn(column: string): string {
  return `${column} || ''`;
}

/**
 * Hint "unknown length": a list of texts whose length the planner does not see, so that a plan for this one is no cheaper
 * than one for all, and the statement is planned once.
 */
export function unknownLength(parameter: string): string {
  return `ARRAY(SELECT unnest(${parameter}::text[]))`;
}

/** Hint "fence", at the end of a subquery: it is planned by itself. */
export const FENCE = 'OFFSET 0';

/**
 * Hint "index plans", for every connection: never read a table whole while there is an index, and never compile a
 * statement, which costs more than to run one of ours.
 */
export const INDEX_PLANS = { jit: 'off', enable_seqscan: 'off' } as const;
