import { refusePattern } from './refuse-pattern.js';

const MAX_CHARS = 1024;
/** C0 and C1, NUL and line breaks among them. */
const CONTROL = /[\p{Cc}\u2028\u2029]/u;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Refuses what is no path in any language of patterns. */
export function checkPatternText(input: string): void {
  if (input.trim() === '') {
    throw refusePattern(input, 'is empty', "Give a path or glob relative to the project; '**' is all of it.");
  }
  // A character is at most two units, so a far too long text is refused without counting.
  if (input.length > 2 * MAX_CHARS || (input.length > MAX_CHARS && Array.from(input).length > MAX_CHARS)) {
    throw refusePattern(
      input,
      `has more than ${MAX_CHARS} characters`,
      'Give several shorter patterns, or the folder that holds the files.',
    );
  }
  if (CONTROL.test(input)) {
    throw refusePattern(input, 'contains a control character', 'Remove line breaks, tabs, NUL and the like.');
  }
  if (LONE_SURROGATE.test(input)) {
    throw refusePattern(
      input,
      'contains half of a surrogate pair, which is not valid Unicode',
      'Send the path as valid Unicode; it was probably cut in the middle of a character.',
    );
  }
}
