import { GlobError } from './glob-error.js';

const MAX_CHARS = 1024;
/** C0 and C1, NUL and line breaks among them. */
const CONTROL = /[\p{Cc}\u2028\u2029]/u;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Refuses text that is no path in any language of patterns. @throws GlobError */
export function checkPatternText(text: string): void {
  if (text.trim() === '') {
    throw new GlobError('is empty', "Give a path or glob relative to the project; '**' is all of it.");
  }
  // A character has at most two UTF-16 units, so a far too long text is refused without counting.
  if (text.length > 2 * MAX_CHARS || (text.length > MAX_CHARS && Array.from(text).length > MAX_CHARS)) {
    throw new GlobError(
      `has more than ${MAX_CHARS} characters`,
      'Give several shorter patterns, or the folder that holds the files.',
    );
  }
  if (CONTROL.test(text)) {
    throw new GlobError('contains a control character', 'Remove line breaks, tabs, NUL and the like.');
  }
  if (LONE_SURROGATE.test(text)) {
    throw new GlobError(
      'contains half of a surrogate pair, which is not valid Unicode',
      'Send the path as valid Unicode; it was probably cut in the middle of a character.',
    );
  }
}
