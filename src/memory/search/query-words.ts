/** Words of a query that are looked at; a longer query is explained by its first ones. */
const MAX_WORDS = 256;

/**
 * The words of a query and their parts, in lower case, each once: what a hit can be explained with. Parts as
 * popstash_word_parts cuts them in the database: parseHTTPConfig is also parse, http and config, utf8 also utf and 8.
 */
export function queryWords(query: string): string[] {
  const words = new Set<string>();
  for (const [word] of query.matchAll(/[\p{L}\p{N}]+/gu)) {
    for (const part of [word, ...partsOf(word)]) words.add(part.toLowerCase());
    if (words.size >= MAX_WORDS) break;
  }
  return [...words];
}

function partsOf(word: string): string[] {
  return word
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .replace(/([A-Za-z])(?=[0-9])|([0-9])(?=[A-Za-z])/g, '$1$2 ')
    .split(' ');
}

/**
 * For each lexeme the word of the query that it stands for; the lexeme itself where there is none.
 * @param stems of the words, in their order; null for a word without one
 */
export function wordByLexeme(words: readonly string[], stems: readonly (string | null)[]): (lexeme: string) => string {
  const written = new Map<string, string>();
  for (const [position, stem] of stems.entries()) {
    const word = words[position];
    if (stem && word && !written.has(stem)) written.set(stem, word);
  }
  for (const word of words) written.set(word, word);
  return (lexeme) => written.get(lexeme) ?? lexeme;
}
