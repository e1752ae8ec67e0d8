import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { silenceModelRuntime } from '../config.js';
import { AppError } from '../errors.js';
import type { Logger } from '../logger.js';
import { findPackage } from '../package-root.js';
import { DIMENSIONS, type Embedder, type TextRange } from './embedding-types.js';
import type { ThreadAnswer, ThreadError, ThreadRequest, ThreadSettings } from './thread-protocol.js';

export interface EmbedderDeps {
  /** Folder of the model: `findModel()`. */
  modelDir: string;
  /** Artificial sleep a text, in ms: POPSTASH_MODEL_DELAY_MS. */
  delayMs: number;
  logger: Logger;
  /** The built thread; the package's own unless a test builds one. */
  threadFile?: string;
}

type Work = ThreadRequest extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;

interface Pending {
  resolve(answer: ThreadAnswer): void;
  reject(error: unknown): void;
}

/** How long `close` waits for the batch under way, in ms. */
const CLOSE_MS = 2_000;

/**
 * The model in a thread of its own, started by the first call. A thread that dies fails the calls under way, and the
 * next call starts another.
 */
export function createEmbedder(deps: EmbedderDeps): Embedder {
  const { logger } = deps;
  const settings: ThreadSettings = { modelDir: deps.modelDir, delayMs: deps.delayMs };
  const pending = new Map<number, Pending>();
  let thread: Worker | null = null;
  let nextId = 1;
  let closed = false;

  function startThread(): Worker {
    const file = deps.threadFile ?? join(findPackage().root, 'dist', 'model-thread.mjs');
    silenceModelRuntime();
    // stdout belongs to the protocol: whatever the runtime prints there becomes a log line.
    const worker = new Worker(file, { workerData: settings, stdout: true, name: 'model' });
    let reason: unknown;
    worker.stdout.on('data', (chunk: Buffer) => logger.debug({ text: String(chunk) }, 'model thread printed'));
    worker.on('message', (answer: ThreadAnswer) => {
      if (answer.type === 'unusable') reason = toError(answer.error);
      else receive(answer);
    });
    worker.on('error', (error) => {
      reason = error;
    });
    worker.on('exit', (code) => {
      if (thread === worker) thread = null;
      if (closed) return;
      const error = reason instanceof AppError ? reason : died(code, reason);
      logger.error({ err: error, cause: reason }, 'model thread ended');
      rejectAll(error);
    });
    return worker;
  }

  function receive(answer: ThreadAnswer): void {
    if (!('id' in answer)) return;
    const call = pending.get(answer.id);
    pending.delete(answer.id);
    if (answer.type === 'failed') call?.reject(toError(answer.error));
    else call?.resolve(answer);
  }

  function rejectAll(error: unknown): void {
    const calls = [...pending.values()];
    pending.clear();
    for (const call of calls) call.reject(error);
  }

  function ask(work: Work, signal?: AbortSignal): Promise<ThreadAnswer> {
    if (closed) return Promise.reject(closing());
    if (signal?.aborted) return Promise.reject(signal.reason);
    thread ??= startThread();
    const id = nextId++;
    const request = { ...work, id } as ThreadRequest;
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        if (!pending.delete(id)) return;
        thread?.postMessage({ type: 'cancel', id } satisfies ThreadRequest);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      const done = () => signal?.removeEventListener('abort', giveUp);
      pending.set(id, {
        resolve: (answer) => {
          done();
          resolve(answer);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      });
      thread?.postMessage(request);
    });
  }

  async function askVectors(work: Work, signal?: AbortSignal): Promise<(Float32Array | TextRange[])[]> {
    const answer = await ask(work, signal);
    if (answer.type !== 'embedded') throw new Error(`the model thread answered ${answer.type}`);
    let at = 0;
    return answer.ranges.map((ranges) => {
      if (ranges) return ranges;
      at += DIMENSIONS;
      return answer.vectors.slice(at - DIMENSIONS, at);
    });
  }

  return {
    async embed(texts, priority, signal) {
      if (texts.length === 0) return [];
      return (await askVectors({ type: 'embed', texts, priority, long: 'cut' }, signal)) as Float32Array[];
    },
    async embedOrSplit(texts, signal) {
      if (texts.length === 0) return [];
      return await askVectors({ type: 'embed', texts, priority: 'passage', long: 'split' }, signal);
    },
    async split(texts) {
      if (texts.length === 0) return [];
      const answer = await ask({ type: 'split', texts });
      if (answer.type !== 'split') throw new Error(`the model thread answered ${answer.type}`);
      return answer.ranges;
    },
    async warmUp() {
      await ask({ type: 'embed', texts: ['ready'], priority: 'query', long: 'cut' });
    },
    async close() {
      if (closed) return;
      closed = true;
      rejectAll(closing());
      const worker = thread;
      if (!worker) return;
      const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
      worker.postMessage({ type: 'close' } satisfies ThreadRequest);
      const timer = setTimeout(() => void worker.terminate(), CLOSE_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

function toError(error: ThreadError): AppError {
  return new AppError({
    code: error.code ?? 'internal',
    message: error.message,
    fix: error.fix ?? 'Try again; if it goes on, the log names the text and the cause.',
    retryable: error.code === undefined,
  });
}

function died(code: number, cause: unknown): AppError {
  return new AppError({
    code: 'internal',
    message: `The model's thread ended unexpectedly (${cause instanceof Error ? cause.message : `exit code ${code}`}).`,
    fix: 'Nothing to do: the next call starts it again, and passages without a vector are found by the sweep.',
    retryable: true,
    cause,
  });
}

function closing(): AppError {
  return new AppError({
    code: 'not_ready',
    message: 'The embedding model is closed.',
    fix: 'Try again when PopStash is running again.',
    retryable: true,
  });
}
