import type { Pool } from 'pg';
import { AppError } from '../../errors.js';
import { clipText } from '../../text/clip-text.js';
import { firstInstant } from './local-time-sql.js';
import { MOMENT_FORMS, type Moment, parseMoment } from './parse-moment.js';

/** SQL of the instant, of a parameter and a time zone. */
const INSTANTS: Readonly<Record<Exclude<Moment['kind'], 'instant'>, string>> = {
  local: firstInstant('$1::timestamp', '$2'),
  day: firstInstant(`(date_trunc('day', now() AT TIME ZONE $2) - $1::interval)`, '$2'),
  elapsed: `CASE WHEN $2 <> '' THEN now() - $1::interval END`,
};

/**
 * The instant of a time as people write it, by the database's clock.
 * @param timezone an IANA name that PostgreSQL knows
 * @throws AppError `invalid_argument` for what is no time
 */
export async function resolveTime(pool: Pool, text: string, timezone: string): Promise<Date> {
  const moment = parseMoment(text);
  if (!moment) throw unusableTime(text);
  if (moment.kind === 'instant') return moment.at;
  const value = moment.kind === 'local' ? moment.time : moment.before;
  const { rows } = await pool.query<{ at: Date }>(`SELECT ${INSTANTS[moment.kind]} AS at`, [value, timezone]);
  const [row] = rows;
  if (!row) throw new Error('the database did not tell the time');
  return row.at;
}

function unusableTime(text: string): AppError {
  return new AppError({
    code: 'invalid_argument',
    message: `${JSON.stringify(clipText(text, 60))} is no time.`,
    fix: `Use ${MOMENT_FORMS}. A time without an offset is local.`,
  });
}
