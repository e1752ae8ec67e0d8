import { type BigIntStats, statSync } from 'node:fs';

/** What tells a file or folder from any other that stands, or stood, at its path. */
export function identityOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

/** The same of what stands at a path now; `none` when nothing does. */
export function identifyFile(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat ? identityOf(stat) : 'none';
}
