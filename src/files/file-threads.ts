import { AppError } from '../errors.js';
import type { RunFileTask } from './run-file-task.js';
import { createThreadPool, type Job } from './thread-pool.js';

export interface FileThreads {
  run: RunFileTask;
  /** Ends the threads; what still waits is rejected. */
  close(): void;
}

export interface FileThreadsOptions {
  /** The built thread. */
  threadFile: string;
  /** Is told of a place whose files do not answer. */
  onStuck?: (place: string, task: string) => void;
}

/** Work that has waited so long behind another gets a thread of its own, in ms. */
const PATIENCE_MS = 20;

/**
 * Threads for work on files that are not ours. Files that do not answer hold up one thread and whoever asked for them: the
 * others go on in another thread.
 */
export function createFileThreads({ threadFile, onStuck }: FileThreadsOptions): FileThreads {
  let queue: Job[] = [];
  let patience: NodeJS.Timeout | undefined;
  let isClosed = false;
  const pool = createThreadPool(threadFile, {
    onFree: dispatch,
    onStuck(job) {
      onStuck?.(job.place, job.name);
      rejectStuck(job);
      queue = queue.filter((each) => {
        const isStuck = pool.isStuckIn(each.place, each.owner);
        if (isStuck) rejectStuck(each);
        return !isStuck;
      });
      dispatch();
    },
  });

  function dispatch(): void {
    clearTimeout(patience);
    queue = queue.filter((job) => !pool.give(job, waitedMs(job) >= PATIENCE_MS));
    if (pool.isExhausted()) for (const job of queue.splice(0)) rejectStuck(job);
    const next = queue.find((job) => !pool.isHeldBack(job));
    if (next && pool.canStart()) patience = setTimeout(dispatch, Math.max(PATIENCE_MS - waitedMs(next), 1));
  }

  return {
    run: (task, ...args) => {
      const [owner, place] = [task.ownerOf(...args), task.placeOf(...args)];
      if (isClosed) return Promise.reject(hasEnded());
      if (pool.isStuckIn(place, owner)) return Promise.reject(doesNotAnswer(place));
      return new Promise((resolve, reject) => {
        const settle = resolve as (result: unknown) => void;
        queue.push({ task, name: task.name, args, owner, place, queuedAt: performance.now(), resolve: settle, reject });
        dispatch();
      });
    },
    close() {
      isClosed = true;
      clearTimeout(patience);
      for (const job of queue.splice(0)) job.reject(hasEnded());
      pool.close();
    },
  };
}

function waitedMs({ queuedAt }: Job): number {
  return performance.now() - queuedAt;
}

function rejectStuck({ place, reject }: Job): void {
  reject(doesNotAnswer(place));
}

function hasEnded(): Error {
  return new Error('the threads for files have ended');
}

function doesNotAnswer(place: string): AppError {
  return new AppError({
    code: 'timeout',
    message: `The files of ${place} do not answer.`,
    fix: 'Check the disk or network mount that they are on. Calls about other folders are answered meanwhile.',
    retryable: true,
  });
}
