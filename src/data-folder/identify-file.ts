import { type BigIntStats, statSync } from 'node:fs';

/** What tells a file or folder from any other that is, or was, at its path. */
export function identityOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

/** The same for the file that is at a path now; `none` when there is none. */
export function identifyFile(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat ? identityOf(stat) : 'none';
}
