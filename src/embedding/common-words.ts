import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Whether a word, in lower case, is one of the 30,000 that the model knows whole: most of everyday English. */
export type IsCommonWord = (word: string) => boolean;

/**
 * The model's words, read from its tokenizer's file when first asked for (0.5 MB; parsed, it would take ten times that).
 * Without the file no word is common.
 */
export function createCommonWords(modelDir: string): () => Promise<IsCommonWord> {
  let file: Promise<Buffer> | undefined;
  return async () => {
    file ??= readFile(join(modelDir, 'tokenizer.json')).catch(() => Buffer.alloc(0));
    const content = await file;
    return (word) => content.includes(`"${word}":`);
  };
}
