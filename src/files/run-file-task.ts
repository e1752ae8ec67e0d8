import type { FileTask } from './file-task.js';

/**
 * Does work on files that are not ours.
 * @throws AppError `timeout` when the files do not answer; else what the work throws, as a plain Error
 */
export type RunFileTask = <Args extends readonly unknown[], Result>(
  task: FileTask<Args, Result>,
  ...args: Args
) => Promise<Awaited<Result>>;

const runHere: RunFileTask = async <Args extends readonly unknown[], Result>(
  task: FileTask<Args, Result>,
  ...args: Args
): Promise<Awaited<Result>> => await task.run(...args);

/** One for the process, as its event loop is. A command, a hook and a test wait for their own files themselves. */
let runner: RunFileTask = runHere;

/** From now on this process has work on files done elsewhere; null: by itself again. */
export function doFileTasksBy(other: RunFileTask | null): void {
  runner = other ?? runHere;
}

/** @see RunFileTask */
export const runFileTask: RunFileTask = (task, ...args) => runner(task, ...args);
