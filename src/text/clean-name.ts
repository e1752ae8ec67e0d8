import { clipText } from './clip-text.js';
import { maskSecrets } from './mask-secrets.js';
import { stripInvisible } from './present-text.js';

/** Characters of a client's own name and version that are kept. */
const MAX_CHARS = 200;

/** A client's name for itself as it can be stored and shown on one line; may be empty. */
export function cleanName(name: string): string {
  const valid = name.slice(0, 2 * MAX_CHARS).replace(/\p{Surrogate}/gu, '');
  return clipText(maskSecrets(stripInvisible(valid).replace(/\s+/g, ' ').trim()), MAX_CHARS);
}
