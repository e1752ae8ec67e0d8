import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** Opening a pipe that nobody writes to returns at once; a terminal is not taken. Windows has neither flag. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

/**
 * Reads a small file that another program, or an untrusted repository, may have put there. Never waits and never takes more
 * memory than asked for: a pipe, a device, a folder and a file that is larger are not read.
 * @param maxBytes of the whole file
 * @returns its text as UTF-8; null where there is no such file, or it can't be read
 */
export function readForeignFile(path: string, maxBytes: number): string | null {
  let file: number | undefined;
  try {
    // Opening some devices has an effect of its own, so they are not opened at all.
    if (!statSync(path).isFile()) return null;
    file = openSync(path, OPEN_FLAGS);
    const stats = fstatSync(file);
    if (!stats.isFile() || stats.size > maxBytes) return null;
    // One byte more: a file of /proc says that it is empty, and another one may grow.
    const bytes = Buffer.alloc(maxBytes + 1);
    let length = 0;
    while (length < bytes.length) {
      const read = readSync(file, bytes, length, bytes.length - length, null);
      if (read === 0) break;
      length += read;
    }
    return length > maxBytes ? null : bytes.toString('utf8', 0, length);
  } catch {
    return null;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
