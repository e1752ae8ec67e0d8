import { AppError } from '../../errors.js';
import { GlobError } from '../../globs/glob-error.js';
import { type NormalizeOptions, normalizePattern } from '../../globs/normalize-pattern.js';
import type { Pattern } from '../../globs/pattern-types.js';

const MAX_SHOWN = 80;

/**
 * A path or glob of a caller, in the form that is stored and compared.
 * @throws AppError `invalid_argument` naming the pattern (shortened) and what to write instead
 */
export function readPattern(text: string, options: NormalizeOptions): Pattern {
  try {
    return normalizePattern(text, options);
  } catch (error) {
    if (!(error instanceof GlobError)) throw error;
    const { problem, fix } = error;
    throw new AppError({
      code: 'invalid_argument',
      message: `Pattern ${showPattern(text)} ${problem}.`,
      fix,
      cause: error,
    });
  }
}

/** As JSON, which escapes control characters and halves of surrogate pairs. */
function showPattern(text: string): string {
  const chars = Array.from(text.slice(0, 2 * MAX_SHOWN + 2));
  return JSON.stringify(chars.length > MAX_SHOWN ? `${chars.slice(0, MAX_SHOWN).join('')}…` : text);
}
