import type { ClientBase } from 'pg';
import { ENTRY_MEASURES, MEASURE_LIST, MEASURE_SUMS, scaleMeasures } from '../ledger/measures.js';
import { createValues, type FilterSql, filterSql, type Values } from './cost-sql.js';
import type { CostFilter, CostKey } from './cost-types.js';
import type { SumRow } from './fold-sums.js';

export type TimeKey = Extract<CostKey, 'hour' | 'day' | 'week' | 'month'>;

/** Local ISO starts; an hour has its offset, since one local hour comes twice when clocks go back. */
const LABELS: Record<TimeKey, string> = {
  hour: 'YYYY-MM-DD"T"HH24:MI',
  day: 'YYYY-MM-DD',
  week: 'IYYY"-W"IW',
  month: 'YYYY-MM-DD',
};

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
  const { rows } = await client.query<SumRow>(
    `WITH extent AS MATERIALIZED (${extentSql(filter, where, values)}),
     groups AS MATERIALIZED (${key === 'hour' ? hourGroups(zone) : localGroups(key, zone)}),
     ends AS MATERIALIZED (
       SELECT key, sign, at, date_trunc('hour', at, 'UTC') AS hour, ${QUARTER('at')} AS quarter FROM (
         SELECT key, until AS at, 1 AS sign FROM groups UNION ALL SELECT key, since, -1 FROM groups) AS ends
     )
     SELECT key, grade, ${MEASURE_SUMS} FROM (
       ${(where.isNarrow ? narrowParts(where) : wholeParts(where)).join(' UNION ALL ')}
     ) AS parts GROUP BY key, grade HAVING sum(requests) <> 0 ORDER BY key, grade`,
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

/** Days, weeks and months of a time zone. A local midnight that comes twice is the first of both. */
function localGroups(key: Exclude<TimeKey, 'hour'>, zone: string): string {
  return `SELECT to_char(local, '${LABELS[key]}') AS key, greatest(start, since) AS since, least(next, until) AS until
    FROM (
      SELECT local, start, lead(start) OVER (ORDER BY local) AS next, since, until
      FROM (
        SELECT local, x.since, x.until,
          CASE WHEN (at - interval '1 hour') AT TIME ZONE ${zone} >= local THEN at - interval '1 hour' ELSE at END AS start
        FROM extent x, generate_series(date_trunc('${key}', x.since AT TIME ZONE ${zone}),
                                       x.until AT TIME ZONE ${zone} + interval '1 ${key}', interval '1 ${key}') AS local,
          LATERAL (SELECT local AT TIME ZONE ${zone} AS at OFFSET 0) AS a
      ) AS starts
    ) AS local_groups
    WHERE start < until AND next > since`;
}

/** From each quarter at which a local clock shows a full hour to the next such. */
function hourGroups(zone: string): string {
  return `SELECT to_char(at AT TIME ZONE ${zone}, '${LABELS.hour}') || replace(to_char(
        (at AT TIME ZONE ${zone}) - (at AT TIME ZONE 'UTC'), 'SGHH24:MI'), ':-', ':') AS key,
      greatest(at, x.since) AS since, least(coalesce(next, x.until), x.until) AS until
    FROM extent x, (
      SELECT at, lead(at) OVER (ORDER BY at) AS next
      FROM extent y, generate_series(date_bin('1 hour', y.since, 'epoch') - interval '2 hours', y.until, interval '15 minutes') AS at
      WHERE extract(minute FROM at AT TIME ZONE ${zone}) = 0
    ) AS hours
    WHERE at < x.until AND coalesce(next, x.until) > x.since`;
}

const QUARTER = (at: string) => `date_bin('15 minutes', ${at}, 'epoch')`;

function wholeParts(where: FilterSql): string[] {
  return [
    `SELECT g.key, t.grade, ${MEASURE_LIST} FROM groups g, LATERAL (
        SELECT * FROM usage_totals t WHERE t.dimension = 'all' AND t.period = 'day'${where.project('t')}
          AND t.bucket >= date_trunc('day', g.since, 'UTC') AND t.bucket < date_trunc('day', g.until, 'UTC') OFFSET 0) AS t`,
    `SELECT b.key, t.grade, ${scaleMeasures('b.sign', 't')} FROM ends b, LATERAL (
        SELECT * FROM usage_totals t WHERE t.dimension = 'all' AND t.period = 'elapsed'${where.project('t')}
          AND t.bucket = b.hour OFFSET 0) AS t`,
    `SELECT b.key, r.grade, ${scaleMeasures('b.sign', 'r')} FROM ends b, LATERAL (
        SELECT * FROM usage_rollups r WHERE r.bucket >= b.hour AND r.bucket < b.quarter${where.all('r')} OFFSET 0) AS r
      WHERE b.hour < b.quarter`,
    ...commonParts(where),
  ];
}

/** Of an agent or a task: few quarters. */
function narrowParts(where: FilterSql): string[] {
  return [
    `SELECT g.key, r.grade, ${MEASURE_LIST} FROM groups g JOIN usage_rollups r
        ON r.bucket >= ${QUARTER('g.since')} AND r.bucket < ${QUARTER('g.until')}${where.all('r')}`,
    ...commonParts(where),
  ];
}

/** What was not moved yet, and the window's ends within a quarter. */
function commonParts(where: FilterSql): string[] {
  return [
    `SELECT g.key, c.grade, ${MEASURE_LIST} FROM groups g JOIN (
        SELECT c.bucket, c.grade, ${MEASURE_SUMS} FROM usage_changes c WHERE true${where.all('c')} GROUP BY 1, 2
      ) AS c ON c.bucket >= ${QUARTER('g.since')} AND c.bucket < ${QUARTER('g.until')}`,
    `SELECT b.key, e.grade, ${scaleMeasures('b.sign', 'e')} FROM ends b, LATERAL (
        SELECT e.grade, ${ENTRY_MEASURES} FROM usage_entries e
        WHERE e.counts AND e.occurred_at >= b.quarter AND e.occurred_at < b.at${where.all('e')} OFFSET 0) AS e
      WHERE b.quarter < b.at`,
  ];
}
