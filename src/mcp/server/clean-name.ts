import { clipText } from '../../text/clip-text.js';
import { stripInvisible } from '../../text/present-text.js';

/** Of a client's own name and version. */
const MAX_CHARS = 200;

/** What a client calls itself, as any database takes it and a line has room for it; may be empty. */
export function cleanName(name: string): string {
  const valid = name.slice(0, 2 * MAX_CHARS).replace(/\p{Surrogate}/gu, '');
  return clipText(stripInvisible(valid).replace(/\s+/g, ' ').trim(), MAX_CHARS);
}
