import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Whether a word, in lower case, is one of those that the model knows whole: most of everyday English. */
export type IsCommonWord = (word: string) => boolean;

/** A key of the tokenizer's file. Words of fewer letters are never asked for: they are not taken for misspelt ones. */
const WORD = /"(\p{L}[\p{L}\p{M}]{3,31})":/gu;

/**
 * The model's words, 20,000, read from its tokenizer's file when first asked for (as text: parsed as JSON it would take
 * many times that memory). Without the file no word is common.
 */
export function createCommonWords(modelDir: string): () => Promise<IsCommonWord> {
  let words: Promise<Set<string>> | undefined;
  return async () => {
    words ??= readWords(join(modelDir, 'tokenizer.json'));
    const known = await words;
    return (word) => known.has(word);
  };
}

async function readWords(file: string): Promise<Set<string>> {
  const text = await readFile(file, 'utf8').catch(() => '');
  // Copies: what a match gives is a part of the whole text, which would stay in memory with it.
  return new Set(Array.from(text.matchAll(WORD), ([, word = '']) => Buffer.from(word).toString()));
}
