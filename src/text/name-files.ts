import { quotePath } from './quote-text.js';

export interface FileNaming {
  /** How many there are, where the list is not all of them. */
  count?: number;
  /** Names at most; the first is always named. */
  maxNames?: number;
  /** Characters of all names, and of each. */
  maxChars?: number;
  maxPath?: number;
  /** What is said of each, behind its name. */
  remarks?: readonly string[];
}

/** About 200 tokens. */
const MAX_CHARS = 800;
const MAX_NAMES = 20;

/** Names files or patterns in a sentence, and how many more there are. */
export function nameFiles(paths: readonly string[], naming: FileNaming = {}): string {
  const { count = paths.length, maxNames = MAX_NAMES, maxChars = MAX_CHARS, maxPath, remarks } = naming;
  const named: string[] = [];
  let chars = 0;
  for (const [index, path] of paths.slice(0, maxNames).entries()) {
    const name = `${quotePath(path, maxPath)}${remarks?.[index] ?? ''}`;
    chars += name.length + 2;
    if (named.length > 0 && chars > maxChars) break;
    named.push(name);
  }
  const more = Math.max(count, paths.length) - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
