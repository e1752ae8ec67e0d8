/** A point in time as people write it: some need a time zone, or the present, to be an instant. */
export type Moment =
  | { kind: 'instant'; at: Date }
  /** Wall time `2026-11-26T09:00:00`. */
  | { kind: 'local'; time: string }
  /** The beginning of the local day, so many days, weeks or months before today: an interval such as `7 days`. */
  | { kind: 'day'; before: string }
  /** So long before now: an interval such as `90 minutes`. */
  | { kind: 'elapsed'; before: string };

/** What `parseMoment` reads, for help texts and errors. */
export const MOMENT_FORMS =
  'a day (2026-11-26), a time (2026-11-26T09:00), a week (2026-W48), a month (2026-11), today, yesterday, 7d, 2w, 3mo, 12h or 30min';

/** Of a relative time: more would be no date. */
const MAX_COUNT = 9_999;
const DAY_MS = 24 * 60 * 60_000;

const DAY_UNITS: Readonly<Record<string, string>> = { d: 'days', w: 'weeks', mo: 'months' };
const CLOCK_UNITS: Readonly<Record<string, string>> = { h: 'hours', min: 'minutes' };

/**
 * Reads a day, a time, an ISO week, a month, or a relative time. Days, weeks and months mean their beginning; a time
 * without an offset is local.
 * @returns null for anything else, a day that no calendar has included
 */
export function parseMoment(text: string): Moment | null {
  return parseRelative(text.toLowerCase()) ?? parseWeek(text) ?? parseDate(text);
}

function parseRelative(text: string): Moment | null {
  if (text === 'today') return { kind: 'day', before: '0 days' };
  if (text === 'yesterday') return { kind: 'day', before: '1 days' };
  const [, digits = '', unit = ''] = /^(\d{1,4})(d|w|mo|h|min)$/.exec(text) ?? [];
  const count = Number(digits);
  if (unit === '' || count > MAX_COUNT) return null;
  const days = DAY_UNITS[unit];
  if (days !== undefined) return { kind: 'day', before: `${count} ${days}` };
  return { kind: 'elapsed', before: `${count} ${CLOCK_UNITS[unit]}` };
}

/** The Monday of an ISO week. */
function parseWeek(text: string): Moment | null {
  const [, yearDigits, weekDigits] = /^(\d{4})-W(\d\d)$/i.exec(text) ?? [];
  if (yearDigits === undefined || weekDigits === undefined) return null;
  const week = Number(weekDigits);
  if (week < 1) return null;
  const monday = firstMonday(Number(yearDigits)) + (week - 1) * 7 * DAY_MS;
  // The week before the next year's first one is the last that this year has.
  if (monday >= firstMonday(Number(yearDigits) + 1)) return null;
  return { kind: 'local', time: `${new Date(monday).toISOString().slice(0, 10)}T00:00:00` };
}

/** The Monday of the week that holds the 4th of January, as if days were UTC, in ms. */
function firstMonday(year: number): number {
  const fourth = utcDay(year, 1, 4);
  const weekday = (new Date(fourth).getUTCDay() + 6) % 7;
  return fourth - weekday * DAY_MS;
}

const DATE = /^(\d{4})-(\d\d)(?:-(\d\d))?$/;
const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?$/i;

function parseDate(text: string): Moment | null {
  if (DATE.test(text)) {
    const day = checkDay(text);
    return day === null ? null : { kind: 'local', time: `${day}T00:00:00` };
  }
  const [, date = '', hour = '', minute = '', second = '00', fraction = '', offset] = TIME.exec(text) ?? [];
  const day = checkDay(date);
  if (day === null || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const time = `${day}T${hour}:${minute}:${second}${fraction}`;
  if (offset === undefined) return { kind: 'local', time };
  const at = new Date(`${time.slice(0, 23)}${offset.toUpperCase().replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`);
  return Number.isNaN(at.getTime()) ? null : { kind: 'instant', at };
}

/** The day, or the first of the month, where the calendar has it. */
function checkDay(text: string): string | null {
  const [, year, month, day = '01'] = DATE.exec(text) ?? [];
  if (year === undefined || month === undefined) return null;
  const date = new Date(utcDay(Number(year), Number(month), Number(day)));
  // PostgreSQL has no year 0.
  const isReal = Number(year) > 0 && date.getUTCMonth() + 1 === Number(month) && date.getUTCDate() === Number(day);
  return isReal ? `${year}-${month}-${day}` : null;
}

/** In ms. Date.UTC would take the years 0 to 99 for those of the last century. */
function utcDay(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day);
}
