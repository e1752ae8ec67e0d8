import { createTokenMeter } from '../../text/estimate-tokens.js';
import { sentenceStart } from './find-anchor.js';

/** A part of a text, [from, to) in UTF-16 offsets. */
export interface Excerpt {
  text: string;
  from: number;
  to: number;
}

/** About how many characters one token has; the length of a beginning is estimated by it. */
const CHARS_PER_TOKEN = 3;

/**
 * The part of a text from a place on that takes so many tokens. Near the end of the text it begins earlier, so that the
 * room is used.
 */
export function cutExcerpt(text: string, at: number, tokens: number): Excerpt {
  const rest = createTokenMeter(text.slice(at));
  if (!rest.fits(tokens)) {
    const cut = rest.cut(tokens);
    return { text: cut, from: at, to: at + cut.length };
  }
  let from = at;
  for (let left = tokens - rest.tokens(); left > CHARS_PER_TOKEN && from > 0; left = Math.floor(left / 2)) {
    const earlier = sentenceStart(text, Math.max(0, from - left * CHARS_PER_TOKEN));
    if (earlier < from && createTokenMeter(text.slice(earlier)).fits(tokens)) from = earlier;
  }
  return { text: text.slice(from), from, to: text.length };
}
