import { readFileSync } from 'node:fs';

/** A file's text; null when it is not there or can't be read. */
export function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
