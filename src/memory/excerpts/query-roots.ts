/** Words of a query that are looked for in a text: the longest. */
const MAX_ROOTS = 24;
/** Occurrences of one word that are noted: a word that occurs everywhere says nothing. */
const MAX_OCCURRENCES = 500;
/** Letters from which a word is looked for by its beginning, so that "expires" finds "expiry". */
const MIN_STEMMED = 5;
/** Letters of an ending that may differ, and letters that must be equal. */
const ENDING = 3;
const MIN_ROOT = 4;

/** English words that questions are made of: they stand anywhere. */
const STOP_WORDS = new Set(
  (
    'a about after all an and any are as at be been before but by can could did do does for from had has have how i if in ' +
    'into is it its long many may much must my no not of on or our should so that the their them then there they this to ' +
    'was we were what when where which who why will with would you your'
  ).split(' '),
);

/** Scripts whose words stand without blanks between them. */
const UNSPACED =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}\p{sc=Hangul}]/u;

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

/** Position of a word of the query in a text. */
export interface Occurrence {
  /** UTF-16 offset. */
  at: number;
  /** Index of the word. */
  root: number;
}

/** Finds the words of one query in texts. */
export interface QueryRoots {
  /** How many there are. */
  count: number;
  /** In the order of the text. */
  findIn(text: string): Occurrence[];
}

/** The words of a query that mean something, each as it is looked for: whole, or by its beginning. */
export function parseQueryRoots(query: string): QueryRoots {
  const words = new Set<string>();
  for (const { segment, isWordLike } of segmenter.segment(query)) {
    const word = segment.toLowerCase();
    if (isWordLike && !STOP_WORDS.has(word)) words.add(word);
  }
  const longest = [...words].sort((a, b) => b.length - a.length).slice(0, MAX_ROOTS);
  const pattern = longest.map((word) => `(${patternOf(word)})`).join('|');
  return {
    count: longest.length,
    findIn(text) {
      if (longest.length === 0) return [];
      const found: Occurrence[] = [];
      const counts = new Array<number>(longest.length).fill(0);
      for (const { index, ...groups } of text.matchAll(new RegExp(pattern, 'giu'))) {
        const root = longest.findIndex((_, group) => groups[group + 1] !== undefined);
        const count = (counts[root] ?? 0) + 1;
        counts[root] = count;
        if (count <= MAX_OCCURRENCES) found.push({ at: index, root });
      }
      return found;
    },
  };
}

function patternOf(word: string): string {
  const escaped = (text: string) =>
    text.replace(/[^\p{L}\p{N}\p{M}]/gu, (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`);
  if (UNSPACED.test(word)) return escaped(word);
  if (/\d/.test(word)) return `(?<![\\p{L}\\p{N}])${escaped(word)}(?![\\p{L}\\p{N}])`;
  if (word.length < MIN_STEMMED) return `(?<![\\p{L}\\p{N}])${escaped(word)}s?(?![\\p{L}\\p{N}])`;
  return `${escaped(word.slice(0, Math.max(MIN_ROOT, word.length - ENDING)))}[\\p{L}\\p{M}]{0,8}`;
}
