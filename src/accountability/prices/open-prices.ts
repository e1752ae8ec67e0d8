import { readFile } from 'node:fs/promises';
import type { Logger } from '../../logger.js';
import { openPriceBook, type PriceBook } from './price-book.js';
import { parsePriceFile } from './price-file.js';

/**
 * Opens the price book of this process: the built-in prices, with the user's file over them.
 * @param path POPSTASH_PRICES; a file that can't be used is logged and left out, so that work goes on
 */
export async function openPrices(path: string | undefined, logger: Logger): Promise<PriceBook> {
  if (path === undefined) return openPriceBook();
  const { file, faults } = await readPriceFile(path);
  if (faults.length > 0) logger.warn({ path, faults }, 'POPSTASH_PRICES is not used');
  return openPriceBook(file);
}

/** The user's price file, or what is wrong with it: one sentence a fault. Never rejects. */
export async function readPriceFile(path: string): Promise<ReturnType<typeof parsePriceFile>> {
  try {
    return parsePriceFile(await readFile(path, 'utf8'));
  } catch (error) {
    return {
      file: null,
      faults: [`The file can't be read: ${error instanceof Error ? error.message : String(error)}`],
    };
  }
}
