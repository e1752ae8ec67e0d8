import { AppError } from '../../errors.js';

/** The time zone of this machine: an IANA name. */
export function systemTimezone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/**
 * The name of a time zone as PostgreSQL knows it.
 * @throws AppError `invalid_argument` if it is no IANA name; offsets are none, and PostgreSQL would read them the other way
 *   round
 */
export function checkTimezone(timezone: string): string {
  try {
    if (/^[A-Za-z]/.test(timezone))
      return new Intl.DateTimeFormat('en', { timeZone: timezone }).resolvedOptions().timeZone;
  } catch {
    // Not known.
  }
  throw new AppError({
    code: 'invalid_argument',
    message: `"${timezone.slice(0, 60)}" is no time zone.`,
    fix: 'Use an IANA name such as Europe/Berlin or UTC.',
  });
}
