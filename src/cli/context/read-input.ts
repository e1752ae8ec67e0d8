import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { AppError } from '../../errors.js';
import { wordError } from '../../word-error.js';

/**
 * The text of a file that a command is given; `-` is stdin.
 * @throws AppError `not_found`
 */
export async function readInput(path: string): Promise<string> {
  if (path === '-') return await text(process.stdin);
  return await readFile(path, 'utf8').catch((error: unknown) => {
    throw new AppError({
      code: 'not_found',
      message: `${path} can't be read: ${wordError(error)}`,
      fix: 'Give the path of a file that is there; - reads stdin.',
    });
  });
}
