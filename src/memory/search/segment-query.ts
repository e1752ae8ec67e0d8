import { FUNCTION_WORDS, KOREAN_ENDINGS } from './function-words.js';

/** A word of a script without spaces, or of Korean, as the grams that stand for it in the index. */
export interface GramWord {
  text: string;
  grams: string[];
  /** It builds the sentence, or is the seam of two words. */
  functional: boolean;
}

export interface SegmentedQuery {
  /** The query in NFKC, with blanks in the place of such scripts. */
  spaced: string;
  words: GramWord[];
  /**
   * Share of its letters, 0 to 1, whose script the model knows: Latin. Without letters 1 where it has a character of ASCII,
   * else 0: emoji and other symbols are all alike to the model.
   */
  knownShare: number;
}

/** The characters that popstash_grams cuts (prisma/functions): Thai to Myanmar, jamo, Khmer, Tai, Han, kana, Hangul. */
const RUN =
  /[\u0e01-\u0e2e\u0e30-\u0e3e\u0e40-\u0e4e\u0e50-\u0e59\u0e80-\u0f00\u0f20-\u0f33\u0f40-\u1049\u1050-\u109f\u1100-\u11ff\u1780-\u17d3\u17d7\u17dc-\u17ff\u1950-\u1a9f\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3100-\ua4cf\ua960-\ua97f\ua980-\ua9c0\ua9cf-\ua9ff\uaa60-\uaa7f\uac00-\ud7ff\uf900-\ufaff\u{20000}-\u{3ffff}]+/gu;
/** Alphabets without spaces between words: three characters say as much as two elsewhere. */
const ALPHABETIC = /^[\u0e00-\u109f\u1780-\u17ff\u1950-\u1aaf\ua980-\uaa7f]/;
const HANGUL = /^[\uac00-\ud7a3]+$/;
const HIRAGANA = /^[\u3040-\u309fー]+$/;
/** Indexed as a word by itself, see popstash_grams. */
const SINGLE = /^[\u3400-\u9fff\uac00-\ud7a3\u{20000}-\u{3ffff}]$/u;
/** A word in hiragana alone from this length on is likely to name something. */
const MIN_HIRAGANA_NAME = 4;
/** A syllable or an ideogram says about as much as this many letters. */
const LETTERS_PER_IDEOGRAM = 2.5;

let segmenter: Intl.Segmenter | undefined;

/** By ICU's dictionaries for Chinese, Japanese, Thai, Lao, Khmer and Burmese; the locale does not matter to them. */
function segment(run: string): string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'word' });
  return [...segmenter.segment(run)].map((part) => part.segment);
}

/**
 * Words of a query whose scripts have no spaces, as grams. The index holds every gram of a text, whatever its words are; the
 * dictionary only tells which grams of the query belong to one word, so a word that it does not know costs nothing but weight.
 */
export function segmentQuery(query: string): SegmentedQuery {
  const text = query.normalize('NFKC');
  const words: GramWord[] = [];
  for (const [run] of text.matchAll(RUN)) words.push(...wordsOfRun(run));
  const named = words.some((word) => !word.functional);
  const spaced = text.replace(RUN, ' ');
  return {
    spaced,
    // A query of function words alone asks for them.
    words: named ? words : words.map((word) => ({ ...word, functional: false })),
    knownShare: shareOfLatin(spaced, words.length > 0 ? text : ''),
  };
}

function wordsOfRun(run: string): GramWord[] {
  const segments = joinSingles(segment(composeVowels(run))).flatMap(cutEnding);
  const words = segments.map((text) => ({
    text,
    grams: gramsOf(text.normalize('NFKC')),
    functional: isFunctional(text),
  }));
  return [...words, ...seams(segments.map((text) => text.normalize('NFKC')))].filter(({ grams }) => grams.length > 0);
}

/** NFKC takes a vowel of Thai and of Lao apart, which the dictionaries know whole. */
function composeVowels(run: string): string {
  return run.replaceAll('\u0e4d\u0e32', '\u0e33').replaceAll('\u0ecd\u0eb2', '\u0eb3');
}

/** 数据|库 is one word in Chinese: a single ideogram belongs to the word before it, unless it is a function word. */
function joinSingles(segments: readonly string[]): string[] {
  const joined: string[] = [];
  for (const segment of segments) {
    const last = joined.at(-1);
    const joins = SINGLE.test(segment) && !HANGUL.test(segment) && !FUNCTION_WORDS.has(segment);
    if (joins && last && SINGLE.test(last.slice(-1)) && !FUNCTION_WORDS.has(last))
      joined[joined.length - 1] = last + segment;
    else joined.push(segment);
  }
  return joined;
}

/** A Korean word and its particle apart, when two syllables or more remain. */
function cutEnding(segment: string): string[] {
  if (!HANGUL.test(segment) || FUNCTION_WORDS.has(segment)) return [segment];
  const ending = KOREAN_ENDINGS.find((one) => segment.endsWith(one) && segment.length - one.length >= 2);
  return ending ? [segment.slice(0, -ending.length), ending] : [segment];
}

function isFunctional(word: string): boolean {
  if (FUNCTION_WORDS.has(word)) return true;
  if (HIRAGANA.test(word)) return word.length < MIN_HIRAGANA_NAME;
  return HANGUL.test(word) && KOREAN_ENDINGS.includes(word);
}

/** Its longest grams: pairs, of an alphabet threes; of a shorter word the word itself, if the index has such. */
function gramsOf(word: string): string[] {
  const characters = [...word];
  const size = Math.min(ALPHABETIC.test(word) ? 3 : 2, characters.length);
  if (size === 1) return SINGLE.test(word) ? [word] : [];
  return [
    ...new Set(
      characters.slice(0, characters.length - size + 1).map((_, at) => characters.slice(at, at + size).join('')),
    ),
  ];
}

/** The pairs of characters in which words meet: they hold a phrase together where the dictionary was wrong. */
function seams(segments: readonly string[]): GramWord[] {
  return segments.slice(1).map((segment, index) => {
    const text = `${[...(segments[index] ?? '')].at(-1)}${[...segment][0]}`;
    return { text, grams: [text], functional: true };
  });
}

function shareOfLatin(spaced: string, whole: string): number {
  const latin = spaced.match(/\p{Script=Latin}/gu)?.length ?? 0;
  const other = (spaced.match(/\p{L}/gu)?.length ?? 0) - latin;
  const ideograms = [...whole.matchAll(RUN)].reduce((sum, [run]) => sum + run.length, 0);
  const all = latin + other + LETTERS_PER_IDEOGRAM * ideograms;
  if (all === 0) return /[!-~]/.test(spaced) ? 1 : 0;
  return latin / all;
}
