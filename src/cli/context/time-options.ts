import { InvalidArgumentError } from 'commander';
import { MOMENT_FORMS, parseMoment } from '../../accountability/costs/parse-moment.js';
import { checkTimezone, systemTimezone } from '../../accountability/costs/time-zone.js';
import type { Environment } from '../../config.js';

/** Options of commands whose answer is of a window in time. */
export interface ScopeOptions {
  since?: string;
  until?: string;
  allProjects?: boolean;
  timezone?: string;
}

/** @throws InvalidArgumentError for what is no time */
export function readMoment(text: string): string {
  if (parseMoment(text)) return text;
  throw new InvalidArgumentError(`It must be ${MOMENT_FORMS}.`);
}

/**
 * The options as requests want them, with the time zone of who asks: that of the server may be another one.
 * @throws AppError `invalid_argument` for a time zone that is none
 */
export function toScope({ since, until, allProjects = false, timezone }: ScopeOptions, env: Environment) {
  return { since, until, allProjects, timezone: chooseTimezone(timezone, env) };
}

/** @throws AppError `invalid_argument` for a time zone that is none */
export function chooseTimezone(named: string | undefined, env: Environment): string {
  return checkTimezone(named ?? env.POPSTASH_TIMEZONE ?? systemTimezone());
}
