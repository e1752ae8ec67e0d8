/**
 * Work on files that are not ours, which may wait: on a network mount that does not answer, or on a folder of 400,000
 * entries. The work itself is synchronous; a server has it done in other threads (run-file-task.ts).
 */
export interface FileTask<Args extends readonly unknown[], Result> {
  /** By which a thread knows it: unique. */
  readonly name: string;
  /** Longest time, in ms: then whoever asked gets an error, and the thread counts as stuck. */
  readonly maxMs: number;
  /** It may read many files: some threads stay free of such work. */
  readonly isLong: boolean;
  /** The folder that the work is about: while a thread is stuck there, no other one is sent after it. */
  readonly folderOf: (...args: Args) => string;
  /** Arguments and result are copied between threads: data only. */
  readonly run: (...args: Args) => Result;
}

/** Most work looks at a few paths. A network mount that is merely busy answers within this, in ms. */
const SHORT_MS = 3_000;

export interface TaskBounds {
  /** More than the usual makes it a long task. */
  maxMs?: number;
}

/**
 * Defines work on files; src/app/files/file-task-list.ts names all of it.
 * @param run its first argument is the folder that the work is about
 */
export function defineFileTask<Rest extends readonly unknown[], Result>(
  name: string,
  run: (folder: string, ...rest: Rest) => Result,
  { maxMs = SHORT_MS }: TaskBounds = {},
): FileTask<readonly [folder: string, ...rest: Rest], Result> {
  return { name, run, maxMs, isLong: maxMs > SHORT_MS, folderOf: (folder, ..._rest) => folder };
}
