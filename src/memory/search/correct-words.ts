/** Letters of a word from which one may be wrong, and from which two. */
const MIN_LENGTH = 4;
const MIN_LENGTH_FOR_TWO = 7;
/** Words that stand for one misspelt word, when several are equally near. */
const MAX_CORRECTIONS = 2;
/**
 * A word between blanks and punctuation, of three letters or more; what is part of an identifier or a path is meant as it
 * stands.
 */
const PLAIN_WORD = /(?<![\p{L}\p{M}\p{N}_./:@#\\-])\p{L}[\p{L}\p{M}]{2,31}(?![\p{L}\p{M}\p{N}_/:@#\\-]|\.\p{L})/gu;

const INFLECTION = /^(?:e|s|d|y|es|ed|er|ly|al)$/;

/** A word of Hebrew, and the particles (and, the, in, to, from, that, as) that are written as one word with the next. */
const HEBREW_WORD = /^[\u05d0-\u05ea]{3,}$/;
const HEBREW_PARTICLES = /^[\u05d5\u05d4\u05d1\u05dc\u05de\u05e9\u05db]+$/;
const MAX_PARTICLES = 2;

/** Words of a project's memories, in lower case. */
export interface WordList {
  has(word: string): boolean;
  /** Words whose length differs by at most `by`. */
  ofLength(length: number, by: number): Iterable<string>;
}

/** The words of a query that could be misspelt, in lower case: plain ones that `isKnown` does not know. */
export function suspectWords(query: string, isKnown: (word: string) => boolean): string[] {
  const words = [...query.matchAll(PLAIN_WORD)].map(([word]) => word.toLowerCase());
  return [...new Set(words)].filter((word) => (word.length >= MIN_LENGTH || HEBREW_WORD.test(word)) && !isKnown(word));
}

/** The query with each misspelt word replaced by the nearest of the project's words, where there is one. */
export function correctWords(query: string, suspects: readonly string[], list: WordList): string {
  const corrections = new Map(suspects.map((word) => [word, list.has(word) ? [] : nearestWords(word, list)]));
  return query.replace(PLAIN_WORD, (word) => corrections.get(word.toLowerCase())?.join(' ') || word);
}

function nearestWords(word: string, list: WordList): string[] {
  const same = HEBREW_WORD.test(word)
    ? [...list.ofLength(word.length, MAX_PARTICLES)].filter((other) => differsByParticles(word, other))
    : [];
  if (same.length > 0) return same.sort((a, b) => a.length - b.length).slice(0, MAX_CORRECTIONS);
  const most = word.length >= MIN_LENGTH_FOR_TWO ? 2 : word.length >= MIN_LENGTH ? 1 : 0;
  let nearest: string[] = [];
  let least = most + 1;
  for (const other of list.ofLength(word.length, most)) {
    if (other.length < MIN_LENGTH || isInflected(word, other)) continue;
    const distance = countEdits(word, other, Math.min(least, most));
    // Few people miss the first letter of a word, and short words have many neighbours.
    if (distance > most || (word[0] !== other[0] && (distance > 1 || word.length < MIN_LENGTH_FOR_TWO))) continue;
    if (distance < least) nearest = [];
    if (distance <= least) nearest.push(other);
    least = Math.min(least, distance);
  }
  return nearest
    .sort((a, b) => sharedPrefix(word, b) - sharedPrefix(word, a) || (a < b ? -1 : 1))
    .slice(0, MAX_CORRECTIONS);
}

/** Both are the same word of Hebrew, with and without the particles before it. */
function differsByParticles(word: string, other: string): boolean {
  const [short, long] = word.length < other.length ? [word, other] : [other, word];
  return HEBREW_WORD.test(short) && long.endsWith(short) && HEBREW_PARTICLES.test(long.slice(0, -short.length));
}

/** The other one is perhaps the stem of the word, which the index finds by itself: migrate of migrat. */
function isInflected(word: string, other: string): boolean {
  return word.startsWith(other) && INFLECTION.test(word.slice(other.length));
}

/**
 * Letters to insert, drop, change or swap with their neighbour (optimal string alignment).
 * @param most more than these are `most + 1`
 */
export function countEdits(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let edits = Math.min(
        (row[j - 1] as number) + (same ? 0 : 1),
        (row[j] as number) + 1,
        (next[j - 1] as number) + 1,
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        edits = Math.min(edits, (before[j - 2] as number) + 1);
      next.push(edits);
      least = Math.min(least, edits);
    }
    if (least > most) return most + 1;
    before = row;
    row = next;
  }
  return Math.min(row[b.length] as number, most + 1);
}

function sharedPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}
