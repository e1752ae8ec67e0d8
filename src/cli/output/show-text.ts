import { stripInvisible } from '../../text/present-text.js';
import { showControls } from '../../text/show-controls.js';

/** A stored text in one line; what a terminal would obey is shown. */
export function oneLine(text: string): string {
  return stripInvisible(showControls(text.replace(/[\t-\r \u0085\u2028\u2029]+/g, ' '))).trim();
}

/** A stored text in its own lines: nothing moves the cursor but line breaks and tabs. */
export function ownLines(text: string): string {
  return stripInvisible(showControls(text.replace(/\r\n?|\u0085/g, '\n').replace(/[\v\f]/g, ' ')));
}
