import { readForeignFile } from '../../files/read-foreign-file.js';

const MAX_BYTES = 16 * 1024 * 1024;

/** A file's text; null when it is not there, is no regular file or can't be read. */
export function readOrNull(path: string): string | null {
  return readForeignFile(path, MAX_BYTES);
}
