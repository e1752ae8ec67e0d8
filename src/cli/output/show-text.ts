import { stripInvisible } from '../../text/present-text.js';

/** A stored text in one line, without what a terminal would obey. */
export function oneLine(text: string): string {
  return stripInvisible(text).replace(/\s+/g, ' ').trim();
}

/** A stored text in its own lines: nothing moves the cursor but line breaks and tabs. */
export function ownLines(text: string): string {
  return stripInvisible(text)
    .replace(/\r\n?|\u0085/g, '\n')
    .replace(/[\v\f]/g, ' ');
}
