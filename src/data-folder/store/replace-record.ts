import { rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Writes a file of a database folder, all of it or nothing. The new file gets its bytes beside the folder: a backup that
 * copies the folder meanwhile meets none that is gone the next moment.
 */
export async function replaceRecord(path: string, text: string): Promise<void> {
  const unfinished = join(dirname(dirname(path)), `${basename(path)}.new`);
  await writeFile(unfinished, text, { mode: 0o600 });
  await rename(unfinished, path);
}
