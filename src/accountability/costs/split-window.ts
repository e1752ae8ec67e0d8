/** From `from` (inclusive) to `to` (exclusive), as PostgreSQL reads them. */
export interface Range {
  from: string;
  to: string;
}

/**
 * A window in the largest parts that sums are kept of, which together are exactly the window: whole months and days of
 * UTC, quarters of an hour, and what is left within a quarter at either end.
 */
export interface WindowParts {
  months: Range[];
  days: Range[];
  quarters: Range[];
  moments: Range[];
  /** All of it but the moments. */
  tail: Range;
}

const QUARTER_MS = 15 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

/** @param since inclusive; undefined for ever @param until exclusive; undefined for ever */
export function splitWindow(since: Date | undefined, until: Date | undefined): WindowParts {
  const parts: WindowParts = { months: [], days: [], quarters: [], moments: [], tail: { from: '', to: '' } };
  const start = since?.getTime() ?? Number.NEGATIVE_INFINITY;
  const end = Math.max(until?.getTime() ?? Number.POSITIVE_INFINITY, start);
  const quarters = inner(
    start,
    end,
    (at) => ceilTo(at, QUARTER_MS),
    (at) => floorTo(at, QUARTER_MS),
    parts.moments,
  );
  parts.tail = toRange(...quarters);
  const days = inner(
    ...quarters,
    (at) => ceilTo(at, DAY_MS),
    (at) => floorTo(at, DAY_MS),
    parts.quarters,
  );
  const months = inner(...days, ceilToMonth, floorToMonth, parts.days);
  add(parts.months, ...months);
  return parts;
}

/** The whole units within [start, end); what lies outside them is added to `rest`. */
function inner(
  start: number,
  end: number,
  ceil: (at: number) => number,
  floor: (at: number) => number,
  rest: Range[],
): [number, number] {
  const from = ceil(start);
  const to = floor(end);
  if (from >= to) {
    add(rest, start, end);
    return [start, start];
  }
  add(rest, start, from);
  add(rest, to, end);
  return [from, to];
}

function add(ranges: Range[], from: number, to: number): void {
  if (from < to) ranges.push(toRange(from, to));
}

function toRange(from: number, to: number): Range {
  return { from: toText(from), to: toText(to) };
}

function toText(at: number): string {
  if (at === Number.NEGATIVE_INFINITY) return '-infinity';
  return at === Number.POSITIVE_INFINITY ? 'infinity' : new Date(at).toISOString();
}

function floorTo(at: number, unit: number): number {
  return Number.isFinite(at) ? Math.floor(at / unit) * unit : at;
}

function ceilTo(at: number, unit: number): number {
  return Number.isFinite(at) ? Math.ceil(at / unit) * unit : at;
}

function floorToMonth(at: number): number {
  if (!Number.isFinite(at)) return at;
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}

function ceilToMonth(at: number): number {
  const floor = floorToMonth(at);
  if (floor === at || !Number.isFinite(at)) return at;
  const date = new Date(floor);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}
