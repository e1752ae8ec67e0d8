import { dirname, join, resolve, sep } from 'node:path';

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
  /** Whose work it is: a worktree, for example. Few threads are lent to one. */
  readonly ownerOf: (...args: Args) => string;
  /** Where it looks: while a thread is stuck there, no other one is sent after it. */
  readonly placeOf: (...args: Args) => string;
  /** Arguments and result are copied between threads: data only. */
  readonly run: (...args: Args) => Result;
}

/** Most work looks at a few paths. A network mount that is merely busy answers within this, in ms. */
const SHORT_MS = 3_000;

export interface TaskOptions {
  /** More than the usual makes it a long task. */
  maxMs?: number;
  /** Where it looks, if that is not the folder itself, by the arguments of the work. */
  placeOf?: (folder: string, ...rest: never[]) => string;
}

/**
 * Defines work on files; src/app/files/file-task-list.ts names all of it.
 * @param run its first argument is the folder that the work belongs to
 */
export function defineFileTask<Rest extends readonly unknown[], Result>(
  name: string,
  run: (folder: string, ...rest: Rest) => Result,
  { maxMs = SHORT_MS, placeOf = (folder) => folder }: TaskOptions = {},
): FileTask<readonly [folder: string, ...rest: Rest], Result> {
  return {
    ...{ name, run, maxMs, isLong: maxMs > SHORT_MS },
    ownerOf: (folder, ..._rest) => folder,
    placeOf: (folder, ...rest) => placeOf(folder, ...(rest as unknown as never[])),
  };
}

/** Stands for what is in a folder: one file or link of it may not answer, and the folder itself does. */
export function insideOf(folder: string): string {
  return join(folder, '*');
}

/**
 * Where a path or glob begins to lead, read from a folder: links on the way there may lead to what does not answer.
 * @returns the folder of the file, or the file where it is in this folder or above
 */
export function placeOfPath(folder: string, path: string): string {
  const special = path.search(/[*?[\]{}]/);
  const literal = special === -1 ? path : path.slice(0, path.lastIndexOf('/', special) + 1);
  const place = resolve(folder, literal);
  if (place === folder) return insideOf(folder);
  const parent = dirname(place);
  return special !== -1 || `${folder}${sep}`.startsWith(parent === sep ? sep : parent + sep) ? place : parent;
}
