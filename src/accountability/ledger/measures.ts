/**
 * What roll-ups and changes add up, by column. An entry counts 1 request, and 1 unpriced one if its cost is not known;
 * `cost_usd` is the sum of those that are priced.
 */
const MEASURES = [
  'requests',
  'unpriced',
  'input_tokens',
  'output_tokens',
  'reasoning_tokens',
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'web_searches',
  'cost_usd',
] as const;

/** The dimensions of usage_rollups and usage_changes, in the order of the primary key of usage_rollups. */
const DIMENSIONS = [
  'project_id',
  'bucket',
  'agent_id',
  'session_id',
  'client',
  'client_session',
  'model',
  'grade',
] as const;

export const MEASURE_LIST = MEASURES.join(', ');
export const DIMENSION_LIST = DIMENSIONS.join(', ');

/** `sum(…)` of every measure, as SQL. Counts stay `bigint`: sums of sums would become slow `numeric` otherwise. */
export const MEASURE_SUMS = MEASURES.map((name) =>
  name === 'cost_usd' ? `sum(${name}) AS ${name}` : `sum(${name})::bigint AS ${name}`,
).join(', ');

/** The measures of a row of usage_entries under the alias `e`, as SQL. */
export const ENTRY_MEASURES = MEASURES.map((name) => {
  if (name === 'requests') return '1::bigint AS requests';
  if (name === 'unpriced') return '(e.cost_usd IS NULL)::integer::bigint AS unpriced';
  if (name === 'cost_usd') return 'coalesce(e.cost_usd, 0) AS cost_usd';
  return `e.${name}::bigint AS ${name}`;
}).join(', ');

/** Every measure times a factor, as SQL. @param alias of the row that has them */
export function scaleMeasures(factor: string, alias: string): string {
  return MEASURES.map((name) => `${factor} * ${alias}.${name} AS ${name}`).join(', ');
}

/** `SET` of an upsert that adds to the row that is there, as SQL. @param alias of the target table */
export function addMeasures(alias: string): string {
  return MEASURES.map((name) => `${name} = ${alias}.${name} + excluded.${name}`).join(', ');
}

/** A condition that a row's measures are not all zero, as SQL. */
export const SOME_MEASURE = `(${MEASURE_LIST}) <> (${MEASURES.map(() => '0').join(', ')})`;
