import type { ClientBase } from 'pg';
import { FENCE } from '../../db/planner-hints.js';
import { ENTRY_MEASURES, MEASURE_LIST, MEASURE_SUMS, scaleMeasures } from '../ledger/measures.js';
import { createValues, type FilterSql, filterSql, type Values } from './cost-sql.js';
import type { CostFilter } from './cost-types.js';
import type { SumRow } from './fold-sums.js';
import { firstInstant, localKey, quarterOf, type TimeKey } from './local-time-sql.js';

/**
 * Sums of a window by local time and grade, exact at this moment, in one statement. It reads as many rows as there are
 * groups and days, however many requests there were: a group is the UTC days that begin in it, plus what its last UTC day
 * had before the group's end, less what its first one had before the group's start (`elapsed` hours of usage_totals, then
 * quarters of usage_rollups, then entries).
 * @param timezone an IANA name that PostgreSQL knows
 */
export async function sumByTime(
  client: ClientBase,
  key: TimeKey,
  filter: CostFilter,
  timezone: string,
): Promise<SumRow[]> {
  const values = createValues();
  const where = filterSql(filter, values);
  const zone = values.add(timezone);
  const parts = where.isNarrow ? narrowParts(key, zone, where) : wholeParts(key, zone, where);
  const { rows } = await client.query<SumRow>(
    `WITH extent AS MATERIALIZED (${extentSql(filter, where, values)}),
     groups AS MATERIALIZED (${key === 'hour' ? hourGroups(zone) : localGroups(key, zone)}),
     ends AS MATERIALIZED (
       SELECT key, sign, at, date_trunc('hour', at, 'UTC') AS hour, ${quarterOf('at')} AS quarter FROM (
         SELECT key, until AS at, 1 AS sign FROM groups UNION ALL SELECT key, since, -1 FROM groups) AS ends
     )
     SELECT key, grade, ${MEASURE_SUMS} FROM (${parts.join(' UNION ALL ')}) AS parts
     GROUP BY key, grade HAVING sum(requests) <> 0 ORDER BY key, grade`,
    values.list,
  );
  return rows;
}

/** The part of the window in which there is anything. */
function extentSql(filter: CostFilter, where: FilterSql, values: Values): string {
  const since = filter.since ? `${values.add(filter.since.toISOString())}::timestamptz` : 'NULL';
  const until = filter.until ? `${values.add(filter.until.toISOString())}::timestamptz` : 'NULL';
  const edge = (order: string) => `(SELECT t.bucket, t.bucket + interval '1 day' AS last FROM usage_totals t
      WHERE t.dimension = 'all' AND t.period = 'day'${where.project('t')} ORDER BY t.bucket ${order} LIMIT 1)`;
  return `SELECT greatest(${since}, min(bucket)) AS since, least(${until}, max(last)) AS until FROM (
      ${edge('')} UNION ALL ${edge('DESC')}
      UNION ALL SELECT min(c.bucket), max(c.bucket) + interval '15 minutes' FROM usage_changes c WHERE true${where.project('c')}
    ) AS edges`;
}

/** Days, weeks and months of a time zone. */
function localGroups(key: Exclude<TimeKey, 'hour'>, zone: string): string {
  return `SELECT ${localKey(key, 'start', zone)} AS key, greatest(start, since) AS since, least(next, until) AS until
    FROM (
      SELECT start, lead(start) OVER (ORDER BY start) AS next, since, until
      FROM (
        SELECT x.since, x.until, ${firstInstant('local', zone)} AS start
        FROM extent x, generate_series(date_trunc('${key}', x.since AT TIME ZONE ${zone}),
                                       x.until AT TIME ZONE ${zone} + interval '1 ${key}', interval '1 ${key}') AS local
      ) AS starts
    ) AS local_groups
    WHERE start < until AND next > since`;
}

/** The quarters of an hour between which the local hour and its offset stay the same. */
function hourGroups(zone: string): string {
  return `SELECT ${localKey('hour', 'at', zone)} AS key, greatest(min(at), min(x.since)) AS since,
      least(max(at) + interval '15 minutes', min(x.until)) AS until
    FROM extent x, generate_series(${quarterOf('x.since')}, x.until, interval '15 minutes') AS at
    WHERE at < x.until GROUP BY 1`;
}

function wholeParts(key: TimeKey, zone: string, where: FilterSql): string[] {
  return [
    `SELECT g.key, t.grade, ${MEASURE_LIST} FROM groups g, LATERAL (
        SELECT * FROM usage_totals t WHERE t.dimension = 'all' AND t.period = 'day'${where.project('t')}
          AND t.bucket >= date_trunc('day', g.since, 'UTC') AND t.bucket < date_trunc('day', g.until, 'UTC') ${FENCE}) AS t`,
    `SELECT b.key, t.grade, ${scaleMeasures('b.sign', 't')} FROM ends b, LATERAL (
        SELECT * FROM usage_totals t WHERE t.dimension = 'all' AND t.period = 'elapsed'${where.project('t')}
          AND t.bucket = b.hour ${FENCE}) AS t`,
    `SELECT b.key, r.grade, ${scaleMeasures('b.sign', 'r')} FROM ends b, LATERAL (
        SELECT * FROM usage_rollups r WHERE r.bucket >= b.hour AND r.bucket < b.quarter${where.all('r')} ${FENCE}) AS r
      WHERE b.hour < b.quarter`,
    ...commonParts(key, zone, where),
  ];
}

/** Of an agent or a task: few quarters. */
function narrowParts(key: TimeKey, zone: string, where: FilterSql): string[] {
  return [
    `SELECT ${firstKey(key, 'r.bucket', zone)} AS key, r.grade, ${MEASURE_LIST} FROM extent x, usage_rollups r
      WHERE r.bucket >= ${quarterOf('x.since')} AND r.bucket < ${quarterOf('x.until')}${where.all('r')}`,
    ...commonParts(key, zone, where),
  ];
}

/** What was not moved yet, and the window's ends within a quarter. */
function commonParts(key: TimeKey, zone: string, where: FilterSql): string[] {
  return [
    `SELECT ${firstKey(key, 'c.bucket', zone)} AS key, c.grade, ${MEASURE_LIST} FROM extent x, usage_changes c
      WHERE c.bucket >= ${quarterOf('x.since')} AND c.bucket < ${quarterOf('x.until')}${where.all('c')}`,
    `SELECT b.key, e.grade, ${scaleMeasures('b.sign', 'e')} FROM ends b, LATERAL (
        SELECT e.grade, ${ENTRY_MEASURES} FROM usage_entries e
        WHERE e.counts AND e.occurred_at >= b.quarter AND e.occurred_at < b.at${where.all('e')} ${FENCE}) AS e
      WHERE b.quarter < b.at`,
  ];
}

/** The group of a quarter: that of its beginning, or of the window's own where it begins within the quarter. */
function firstKey(key: TimeKey, bucket: string, zone: string): string {
  return localKey(key, `greatest(${bucket}, x.since)`, zone);
}
