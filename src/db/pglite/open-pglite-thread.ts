import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { findPackage } from '../../package-root.js';
import type { PgliteBackend } from './pglite-backend.js';
import type { ThreadAnswer, ThreadRequest } from './pglite-thread.js';

export interface ThreadOptions {
  /** A statement that takes longer ends the thread, in ms: it can't be stopped by other means. */
  statementMs?: number;
  /** The built thread; the package's own unless a test builds one. */
  threadFile?: string;
}

export interface ThreadedPglite extends PgliteBackend {
  /** Copies the folder between two statements to a place that is not there yet. @throws Error when it can't */
  copyTo(folder: string): Promise<void>;
}

/** A copy of a folder of some gigabytes takes less, in ms. */
const COPY_MS = 10 * 60_000;
/** Longer than any migration on a folder of a person's size. */
const STATEMENT_MS = 120_000;
const CLOSE_MS = 10_000;

/** Opens the database of a folder in a thread of its own. @see openPglite */
export async function openPgliteThread(folder: string, options: ThreadOptions = {}): Promise<ThreadedPglite> {
  const file = options.threadFile ?? join(findPackage().root, 'dist', 'pglite-thread.mjs');
  // stdout carries a command's answer or the protocol: what PGlite prints is dropped.
  const worker = new Worker(file, {
    workerData: { folder },
    stdout: true,
    name: 'pglite',
    // New objects of this thread are requests and answers, which live for one statement.
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
  });
  worker.stdout.resume();
  let dead: Error | null = null;
  let pending: { resolve(answer: ThreadAnswer): void; reject(error: Error): void } | null = null;

  function die(error: Error): void {
    dead ??= error;
    pending?.reject(dead);
    pending = null;
  }

  worker.on('message', (answer: ThreadAnswer) => {
    if (answer.type === 'failed') return die(new Error(answer.message));
    pending?.resolve(answer);
    pending = null;
  });
  worker.on('error', die);
  worker.on('exit', (code) => die(new Error(`its thread ended with code ${code}`)));

  /** Requests wait for each other: a copy comes between two statements. */
  let last: Promise<unknown> = Promise.resolve();
  function inTurn(request: ThreadRequest, limitMs: number): Promise<ThreadAnswer> {
    const answer = last.then(() => next(request, limitMs));
    last = answer.catch(() => undefined);
    return answer;
  }

  function next(request: ThreadRequest | null, limitMs: number): Promise<ThreadAnswer> {
    if (dead) return Promise.reject(dead);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        die(new Error(`a statement took longer than ${limitMs} ms`));
        void worker.terminate();
      }, limitMs);
      pending = {
        resolve: (answer) => {
          clearTimeout(timer);
          resolve(answer);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      if (request) worker.postMessage(request);
    });
  }

  const limitMs = options.statementMs ?? STATEMENT_MS;
  await next(null, limitMs).catch(async (error: unknown) => {
    await worker.terminate();
    throw error;
  });
  return {
    async run(bytes) {
      const answer = await inTurn({ type: 'run', bytes }, limitMs);
      if (answer.type !== 'ran') throw new Error(`its thread answered ${answer.type}`);
      return Buffer.from(answer.bytes.buffer, answer.bytes.byteOffset, answer.bytes.byteLength);
    },
    async copyTo(to) {
      const answer = await inTurn({ type: 'copy', to }, COPY_MS);
      if (answer.type !== 'copied')
        throw new Error(answer.type === 'copy-failed' ? answer.message : 'it was not copied');
    },
    async close() {
      try {
        if (!dead) await inTurn({ type: 'close' }, CLOSE_MS);
      } finally {
        await worker.terminate();
      }
    },
  };
}
