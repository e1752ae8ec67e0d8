import type { CostKey } from './cost-types.js';

export type TimeKey = Extract<CostKey, 'hour' | 'day' | 'week' | 'month'>;

/** Local ISO starts, but for weeks. */
const LABELS: Record<TimeKey, string> = {
  hour: 'YYYY-MM-DD"T"HH24":00"',
  day: 'YYYY-MM-DD',
  week: 'IYYY"-W"IW',
  month: 'YYYY-MM"-01"',
};

/**
 * The key of the local hour, day, week or month in which an instant lies, as SQL. An hour has its offset, since one local
 * hour comes twice when clocks go back.
 * @param instant SQL of a timestamp with time zone @param zone SQL of the time zone's name
 */
export function localKey(key: TimeKey, instant: string, zone: string): string {
  const label = `to_char(${instant} AT TIME ZONE ${zone}, '${LABELS[key]}')`;
  if (key !== 'hour') return label;
  const offset = `(${instant} AT TIME ZONE ${zone} - ${instant} AT TIME ZONE 'UTC')`;
  const sign = `CASE WHEN ${offset} < interval '0' THEN '-' ELSE '+' END`;
  return `${label} || ${sign} || to_char(greatest(${offset}, -${offset}), 'HH24:MI')`;
}

/**
 * The instant at which a local time comes first, as SQL: PostgreSQL takes the second where clocks go back over it.
 * @param local SQL of a timestamp without time zone @param zone SQL of the time zone's name
 */
export function firstInstant(local: string, zone: string): string {
  const instant = `${local} AT TIME ZONE ${zone}`;
  const earlier = `${instant} - interval '1 hour'`;
  return `CASE WHEN (${earlier}) AT TIME ZONE ${zone} >= ${local} THEN ${earlier} ELSE ${instant} END`;
}

/** The quarter of an hour in UTC in which an instant lies, as SQL. */
export function quarterOf(instant: string): string {
  return `date_bin('15 minutes', ${instant}, 'epoch')`;
}
