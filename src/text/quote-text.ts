import { clipText } from './clip-text.js';
import { stripInvisible } from './present-text.js';

/** Characters that read like a double quote: inside a quotation they would seem to end it. */
const DOUBLE_QUOTES = /["\u00ab\u00bb\u201c-\u201f\u2033\u2036\u275d\u275e\u301d-\u301f\uff02]/gu;
/** Characters that are read for each one that may be shown, since invisible ones are left out. */
const READ_PER_SHOWN = 10;
/** Texts that need no quotes: one word, of characters that end no sentence, quotation or parenthesis. */
const PLAIN_WORD = /^[\p{L}\p{N}@/~.\\][\p{L}\p{N}\p{M}@%+=#~/\\:._-]*$/u;

/** Another's text on one line, without invisible and control characters, cut after `length` characters. */
export function oneLine(text: string, length: number): string {
  const clean = stripInvisible(clipText(text, READ_PER_SHOWN * length)).replace(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
  return clipText(clean.trim(), length);
}

/** Another's text as a quotation in a sentence of ours, which nothing in it can end. */
export function quoteText(text: string, length: number): string {
  return `"${oneLine(text, length).replace(DOUBLE_QUOTES, "'")}"`;
}

/** A name that another chose, as part of a sentence of ours: bare where it is a plain word, else quoted. */
export function quoteName(text: string, length: number): string {
  const clean = oneLine(text, length);
  return PLAIN_WORD.test(clean) ? clean : quoteText(clean, length + 1);
}
