import type { Stats } from 'node:fs';

/** When a file was made, ISO 8601; null where the file system does not say. */
export function bornAt(stat: Stats): string | null {
  return stat.birthtimeMs > 0 ? stat.birthtime.toISOString() : null;
}
