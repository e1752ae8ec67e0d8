import { lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { defineFileTask, insideOf } from '../files/file-task.js';
import { runFileTask } from '../files/run-file-task.js';

/** What is at a path: `other` is a folder or a link. */
export type FileState = { is: 'file'; mark: string; size: number; changedAtMs: number } | { is: 'absent' | 'other' };

export const fileStatesTask = defineFileTask(
  'file-states',
  (worktree, paths: readonly string[]) => paths.map((path) => lookAt(join(worktree, path))),
  { placeOf: insideOf },
);

/**
 * The states of files. Two states with the same mark are of the same content, unless the file changed within the clock's
 * grain. Null: not known. Never rejects.
 */
export async function readStates(worktree: string, paths: readonly string[]): Promise<Map<string, FileState | null>> {
  if (paths.length === 0) return new Map();
  const states = await runFileTask(fileStatesTask, worktree, paths).catch(() => []);
  return new Map(paths.map((path, index) => [path, states[index] ?? null]));
}

function lookAt(path: string): FileState | null {
  try {
    const stats = lstatSync(path, { bigint: true });
    if (!stats.isFile()) return { is: 'other' };
    const { size, mtimeNs, ctimeNs, ino } = stats;
    const changedAtMs = Math.max(Number(mtimeNs / 1_000_000n), Number(ctimeNs / 1_000_000n));
    return { is: 'file', mark: `${size} ${mtimeNs} ${ctimeNs} ${ino}`, size: Number(size), changedAtMs };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === 'ENOENT' || code === 'ENOTDIR' ? { is: 'absent' } : null;
  }
}

/** Two marks of a path; null where it can't be looked at. */
export interface PathMarks {
  /** Another one when the content has changed. */
  content: string;
  /** The same wherever it is moved to. */
  identity: string;
}

export const pathMarksTask = defineFileTask('path-marks', (path): PathMarks | null => {
  try {
    const { size, mtimeNs, ino, birthtimeNs } = statSync(path, { bigint: true });
    return { content: `${size} ${mtimeNs} ${ino}`, identity: `${ino} ${birthtimeNs}` };
  } catch {
    return null;
  }
});

/** Never rejects. */
export async function readMarks(path: string): Promise<PathMarks | null> {
  return await runFileTask(pathMarksTask, path).catch(() => null);
}

/** Grain of the clocks of files, in ms: coarse ones count in whole seconds, or in two. */
const GRAIN_MS = 50;
const COARSE_GRAIN_MS = 2_000;

/** Whether the file could change once more without another mark. @param now by Date.now() when it was read */
export function isFresh({ changedAtMs }: { changedAtMs: number }, now: number): boolean {
  return now - changedAtMs < (changedAtMs % 1_000 === 0 ? COARSE_GRAIN_MS : GRAIN_MS);
}
