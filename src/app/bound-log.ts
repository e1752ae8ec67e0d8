import { copyFile, stat, truncate } from 'node:fs/promises';

const CHECK_MS = 60_000;
const MAX_LOG_BYTES = 4 * 1024 * 1024;

/** Keeps a log that this process appends to below a few megabytes; the part before is kept in `PATH.1`. */
export function boundLog(path: string): void {
  setInterval(() => void putAside(path), CHECK_MS).unref();
}

/** The log was opened in append mode, so it can be emptied while it is written. */
async function putAside(path: string): Promise<void> {
  try {
    if ((await stat(path)).size < MAX_LOG_BYTES) return;
    await copyFile(path, `${path}.1`);
    await truncate(path, 0);
  } catch {
    // Started by hand: there is no log.
  }
}
