import { MAX_NAMED_FILES } from '../../coordination/notices/notice-types.js';

/** Characters of the names that one sentence lists: about 200 tokens. */
const MAX_CHARS = 800;
/** Of one name. */
const MAX_NAME_CHARS = 160;

/** Names files, at most 20 of them, and how many more there are. @param count where `paths` is not all of them */
export function nameFiles(paths: readonly string[], count = paths.length, maxChars = MAX_CHARS): string {
  const named: string[] = [];
  let chars = 0;
  for (const path of paths.slice(0, MAX_NAMED_FILES)) {
    const name = path.length > MAX_NAME_CHARS ? `…${path.slice(1 - MAX_NAME_CHARS)}` : path;
    chars += name.length + 2;
    if (named.length > 0 && chars > maxChars) break;
    named.push(name);
  }
  const more = count - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
