import { lstat } from 'node:fs/promises';
import { join } from 'node:path';

/** What is at a path: `other` is a folder or a link. */
export type FileState = { is: 'file'; mark: string; size: number; changedAtMs: number } | { is: 'absent' | 'other' };

/** Two states with the same mark are of the same content, unless the file changed within the clock's grain. */
export async function readState(worktree: string, path: string): Promise<FileState | null> {
  try {
    const stats = await lstat(join(worktree, path), { bigint: true });
    if (!stats.isFile()) return { is: 'other' };
    const { size, mtimeNs, ctimeNs, ino } = stats;
    const changedAtMs = Math.max(Number(mtimeNs / 1_000_000n), Number(ctimeNs / 1_000_000n));
    return { is: 'file', mark: `${size} ${mtimeNs} ${ctimeNs} ${ino}`, size: Number(size), changedAtMs };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === 'ENOENT' || code === 'ENOTDIR' ? { is: 'absent' } : null;
  }
}

/** Grain of the clocks of files, in ms: coarse ones count in whole seconds, or in two. */
const GRAIN_MS = 50;
const COARSE_GRAIN_MS = 2_000;

/** Whether the file could change once more without another mark. @param now by Date.now() when it was read */
export function isFresh({ changedAtMs }: { changedAtMs: number }, now: number): boolean {
  return now - changedAtMs < (changedAtMs % 1_000 === 0 ? COARSE_GRAIN_MS : GRAIN_MS);
}
