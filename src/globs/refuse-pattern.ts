import { AppError } from '../errors.js';

const MAX_SHOWN = 80;

/** The error for a pattern that can't be used, naming it (shortened) and what to write instead. */
export function refusePattern(pattern: string, problem: string, fix: string): AppError {
  const chars = Array.from(pattern.slice(0, 2 * MAX_SHOWN + 2));
  const shown = chars.length > MAX_SHOWN ? `${chars.slice(0, MAX_SHOWN).join('')}…` : pattern;
  // As JSON, control characters and halves of surrogate pairs are shown escaped.
  return new AppError({ code: 'invalid_argument', message: `Pattern ${JSON.stringify(shown)} ${problem}.`, fix });
}
