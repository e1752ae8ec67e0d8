import type { ClientBase } from 'pg';
import { ENTRY_MEASURES, MEASURE_LIST, MEASURE_SUMS } from '../ledger/measures.js';
import { createValues, filterSql, type Values } from './cost-sql.js';
import type { CostFilter, CostKey } from './cost-types.js';
import type { SumRow } from './fold-sums.js';
import { type Range, splitWindow } from './split-window.js';

/** Without bounds: there is one row of all time. */
const EVER: Range = { from: '-infinity', to: 'infinity' };

/** Where a key is found: in usage_totals by dimension, elsewhere by column. */
const KEYS = {
  agent: { dimension: 'agent', column: 'agent_id', total: 't.key' },
  task: { dimension: 'task', column: 'session_id', total: 't.key' },
  session: { dimension: 'session', column: 'client_session', total: 't.key' },
  model: { dimension: 'model', column: 'model', total: 't.key' },
  client: { dimension: 'client', column: 'client', total: 't.key' },
  project: { dimension: 'all', column: 'project_id', total: 't.project_id' },
} as const satisfies Partial<Record<CostKey, { dimension: string; column: string; total: string }>>;

export type NamedKey = keyof typeof KEYS;

export function isNamedKey(key: CostKey): key is NamedKey {
  return key in KEYS;
}

/**
 * Sums of a window by id or name and grade, exact at this moment, in one statement: all time, or whole months
 * and days, from usage_totals, the rest of the window from usage_rollups, what was not moved yet from usage_changes, and what lies within
 * a quarter of an hour from the entries.
 */
export async function sumByKey(client: ClientBase, key: NamedKey, filter: CostFilter): Promise<SumRow[]> {
  const values = createValues();
  const { rows } = await client.query<SumRow>(
    `SELECT key, grade, ${MEASURE_SUMS} FROM (${keyParts(key, filter, values)}) AS parts
     GROUP BY key, grade HAVING sum(requests) <> 0 ORDER BY key, grade`,
    values.list,
  );
  return rows;
}

/** SQL of the rows whose sums by `key` and `grade` are those of the window. */
export function keyParts(key: NamedKey, filter: CostFilter, values: Values): string {
  const { dimension, column, total } = KEYS[key];
  const where = filterSql(filter, values);
  const { months, days, quarters, moments, tail } = splitWindow(filter.since, filter.until);
  const isEver = filter.since === undefined && filter.until === undefined;
  const totals = where.isNarrow
    ? []
    : isEver
      ? rangesOf('ever', [EVER])
      : [...rangesOf('month', months), ...rangesOf('day', days)];
  const rolled = where.isNarrow ? [...months, ...days, ...quarters] : quarters;
  return [
    ...totals.map(
      ({ period, from, to }) => `SELECT ${total} AS key, t.grade, ${MEASURE_LIST} FROM usage_totals t
        WHERE t.dimension = '${dimension}' AND t.period = '${period}'${inRange('t.bucket', { from, to }, values)}${where.project('t')}`,
    ),
    ...rolled.map(
      (range) => `SELECT r.${column} AS key, r.grade, ${MEASURE_LIST} FROM usage_rollups r
        WHERE true${inRange('r.bucket', range, values)}${where.all('r')}`,
    ),
    `SELECT c.${column} AS key, c.grade, ${MEASURE_LIST} FROM usage_changes c
        WHERE true${inRange('c.bucket', tail, values)}${where.all('c')}`,
    ...moments.map(
      (range) => `SELECT coalesce(e.${column}, '') AS key, e.grade, ${ENTRY_MEASURES} FROM usage_entries e
        WHERE e.counts${inRange('e.occurred_at', range, values)}${where.all('e')}`,
    ),
  ].join(' UNION ALL ');
}

function rangesOf(period: 'ever' | 'month' | 'day', ranges: readonly Range[]): (Range & { period: string })[] {
  return ranges.map((range) => ({ ...range, period }));
}

/** Without a condition where there is no bound: an index that begins with the bucket would be taken for it. */
function inRange(column: string, { from, to }: Range, values: Values): string {
  const conditions = [
    ...(from === '-infinity' ? [] : [`${column} >= ${values.add(from)}`]),
    ...(to === 'infinity' ? [] : [`${column} < ${values.add(to)}`]),
  ];
  return conditions.map((condition) => ` AND ${condition}`).join('');
}
