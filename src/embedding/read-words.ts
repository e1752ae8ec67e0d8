import { LRUCache } from 'lru-cache';

/** A word as the tokenizer sees it: in UTF-16 offsets, with its word pieces. */
export interface Word {
  start: number;
  end: number;
  pieces: readonly number[];
}

/** The pieces of a text, without [CLS] and [SEP]. */
export type EncodePieces = (text: string) => readonly number[];

/** Reads texts word by word: a text's pieces are those of its words, one after the other. */
export interface WordReader {
  words(text: string): Generator<Word>;
  /** The first `limit` pieces of a text; `whole` says whether there were no more. */
  encode(text: string, limit: number): { pieces: number[]; whole: boolean };
}

const SPACE = '\\t\\n\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const PUNCTUATION = '\\p{P}\\u0021-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u007e';
const IDEOGRAPH = '\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff';

/**
 * BERT's rules for what is a word of its own, on the text as it was written: a special token, an ideograph, a
 * punctuation mark, a run of anything else between spaces. (Other control characters are dropped and separate nothing.)
 */
const WORD = new RegExp(
  `\\[(?:PAD|UNK|CLS|SEP|MASK)\\]|[${IDEOGRAPH}]|[${PUNCTUATION}]|[^${SPACE}${IDEOGRAPH}${PUNCTUATION}]+`,
  'gu',
);

/**
 * A word of up to 100 characters has at most 100 pieces, a longer one is one unknown piece. More pieces mean that the
 * word contains punctuation in disguise (≠ is = and a stroke).
 */
const MAX_WORD_PIECES = 100;

/** Words kept with their pieces: source code repeats itself, and the library's tokenizer is slow for small texts. */
const MAX_CACHED_WORDS = 20_000;
const MAX_CACHED_LENGTH = 40;

/** @param encode the model's own tokenizer, which alone decides what a word's pieces are. */
export function createWordReader(encode: EncodePieces): WordReader {
  const cache = new LRUCache<string, readonly number[]>({ max: MAX_CACHED_WORDS });

  function piecesOf(word: string): readonly number[] {
    const known = cache.get(word);
    if (known) return known;
    const pieces = encode(word);
    if (word.length <= MAX_CACHED_LENGTH) cache.set(word, pieces);
    return pieces;
  }

  function* words(text: string): Generator<Word> {
    for (const match of resolveSigma(text).matchAll(WORD)) {
      const pieces = piecesOf(match[0]);
      const start = match.index;
      if (pieces.length <= MAX_WORD_PIECES) yield { start, end: start + match[0].length, pieces };
      else yield* characters(match[0], start);
    }
  }

  function* characters(word: string, offset: number): Generator<Word> {
    let start = offset;
    for (const character of word) {
      yield { start, end: start + character.length, pieces: piecesOf(character) };
      start += character.length;
    }
  }

  return {
    words,
    encode(text, limit) {
      const pieces: number[] = [];
      for (const match of resolveSigma(text).matchAll(WORD)) {
        for (const piece of piecesOf(match[0])) pieces.push(piece);
        if (pieces.length > limit) return { pieces: pieces.slice(0, limit), whole: false };
      }
      return { pieces, whole: true };
    },
  };
}

/** Characters that the tokenizer drops before it lowers a text: controls, formats, private use, lone surrogates. */
const DROPPED = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\ufffd]/gu;

/**
 * The lower case of Σ alone depends on its neighbours, so it is lowered within the whole text, before the text is read
 * word by word. Offsets stay as they are: İ, the one letter that grows when lowered, loses its dot later in any case,
 * and what the tokenizer drops later becomes soft hyphens, which are dropped too and which lowering ignores.
 * (A Σ beside the end of a passage may be lowered differently once more: then the model cuts a piece off the passage.)
 */
function resolveSigma(text: string): string {
  if (!text.includes('Σ')) return text;
  const steady = text.replaceAll('İ', 'i').replace(DROPPED, (dropped) => '\u00ad'.repeat(dropped.length));
  const lowered = steady.toLowerCase();
  return steady.replace(/Σ/g, (sigma, at: number) => lowered[at] ?? sigma);
}
