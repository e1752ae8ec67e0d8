import { AppError } from '../../errors.js';
import { readFileTask } from '../../files/foreign-file-tasks.js';
import { runFileTask } from '../../files/run-file-task.js';
import type { Logger } from '../../logger.js';
import { openPriceBook, type PriceBook } from './price-book.js';
import { type PriceFile, parsePriceFile } from './price-file.js';

/** Of a price file: the built-in one has less than a tenth of it. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The price book of a process that lives long: the user's file may change meanwhile. */
export interface LivePriceBook extends PriceBook {
  /** The file that is used over the built-in prices; null without one. */
  path(): string | null;
  /**
   * Reads the user's file again, or another one, and uses it from now on.
   * @throws AppError `invalid_argument` naming its faults; the prices then stay as they were
   */
  reload(path?: string): Promise<void>;
}

/**
 * Opens the price book of this process: the built-in prices, with the user's file over them.
 * @param path POPSTASH_PRICES; a file that can't be used is logged and left out, so that work goes on
 */
export async function openPrices(path: string | undefined, logger: Logger): Promise<LivePriceBook> {
  const book = createLivePriceBook();
  if (path === undefined) return book;
  await book.reload(path).catch((error: unknown) => logger.warn({ err: error, path }, 'POPSTASH_PRICES is not used'));
  return book;
}

function createLivePriceBook(): LivePriceBook {
  const builtIn = openPriceBook();
  let used: { path: string; file: PriceFile } | null = null;
  /** One with faults is tried again too. */
  let named: string | null = null;
  return {
    version: builtIn.version,
    identify: builtIn.identify,
    get file() {
      return used?.file ?? null;
    },
    path: () => used?.path ?? null,
    async reload(path = named ?? undefined) {
      if (path === undefined) return;
      named = path;
      const { file, faults } = await readPriceFile(path);
      if (file === null) throw unusableFile(path, faults);
      used = { path, file };
    },
  };
}

function unusableFile(path: string, faults: readonly string[]): AppError {
  return new AppError({
    code: 'invalid_argument',
    message: `The price file ${path} is not used: ${faults.join(' ')}`,
    fix: 'Correct the file that POPSTASH_PRICES names, or unset it.',
  });
}

/** The user's price file, or what is wrong with it: one sentence a fault. Never rejects. */
export async function readPriceFile(path: string): Promise<ReturnType<typeof parsePriceFile>> {
  try {
    const text = await runFileTask(readFileTask, path, MAX_BYTES);
    if (text === null) throw new Error(`there is no such regular file, or it has more than ${MAX_BYTES} bytes`);
    return parsePriceFile(text);
  } catch (error) {
    return {
      file: null,
      faults: [`The file can't be read: ${error instanceof Error ? error.message : String(error)}`],
    };
  }
}
