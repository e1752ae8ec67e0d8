import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { silenceModelRuntime } from '../config.js';
import { AppError } from '../errors.js';
import type { Logger } from '../logger.js';
import { findPackage } from '../package-root.js';
import { embedderClosed, fromThread, threadEnded } from './embedder-errors.js';
import { DIMENSIONS, type Embedder, type TextRange } from './embedding-types.js';
import { createThreadCalls, type ThreadWork } from './thread-calls.js';
import type { ThreadAnswer, ThreadRequest, ThreadSettings } from './thread-protocol.js';

export interface EmbedderDeps {
  /** Folder of the model: `findModel()`. */
  modelDir: string;
  /** Artificial sleep a text, in ms: POPSTASH_MODEL_DELAY_MS. */
  delayMs: number;
  logger: Logger;
  /** The built thread; the package's own unless a test builds one. */
  threadFile?: string;
}

/** How long `close` waits for the batch under way, in ms. */
const CLOSE_MS = 2_000;

/**
 * The model in a thread of its own, started by the first call. A thread that dies fails the calls under way, and the
 * next call starts another.
 */
export function createEmbedder(deps: EmbedderDeps): Embedder {
  const thread = createModelThread(deps);

  async function embed(work: ThreadWork, signal?: AbortSignal): Promise<(Float32Array | TextRange[])[]> {
    const answer = await thread.ask(work, signal);
    if (answer.type === 'failed') throw fromThread(answer.error);
    let end = 0;
    return answer.ranges.map((ranges) => {
      if (ranges) return ranges;
      end += DIMENSIONS;
      return answer.vectors.slice(end - DIMENSIONS, end);
    });
  }

  return {
    async embed(texts, priority, signal) {
      if (texts.length === 0) return [];
      return (await embed({ type: 'embed', texts, priority, long: 'cut' }, signal)) as Float32Array[];
    },
    async embedOrSplit(texts, signal) {
      if (texts.length === 0) return [];
      return await embed({ type: 'embed', texts, priority: 'passage', long: 'split' }, signal);
    },
    async warmUp() {
      await embed({ type: 'embed', texts: ['ready'], priority: 'query', long: 'cut' });
    },
    close: thread.close,
  };
}

/** The thread that is running, if any, and the calls under way in it. */
function createModelThread(deps: EmbedderDeps) {
  const { logger } = deps;
  const calls = createThreadCalls();
  let thread: Worker | null = null;
  let closed = false;

  function start(): Worker {
    const worker = startWorker(deps);
    let reason: unknown;
    worker.on('message', (answer: ThreadAnswer) => {
      if (answer.type === 'unusable') reason = fromThread(answer.error);
      else if (answer.type !== 'ready') calls.receive(answer);
    });
    worker.on('error', (error) => {
      reason = error;
    });
    worker.on('exit', (code) => {
      if (thread === worker) thread = null;
      if (closed) return;
      const error = reason instanceof AppError ? reason : threadEnded(code, reason);
      logger.error({ err: error, cause: reason }, 'model thread ended');
      calls.rejectAll(error);
    });
    return worker;
  }

  return {
    async ask(work: ThreadWork, signal?: AbortSignal) {
      if (closed) throw embedderClosed();
      signal?.throwIfAborted();
      thread ??= start();
      return await calls.call((request) => thread?.postMessage(request), work, signal);
    },
    async close(): Promise<void> {
      if (closed) return;
      closed = true;
      calls.rejectAll(embedderClosed());
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

function startWorker({ modelDir, delayMs, threadFile, logger }: EmbedderDeps): Worker {
  const file = threadFile ?? join(findPackage().root, 'dist', 'model-thread.mjs');
  const settings: ThreadSettings = { modelDir, delayMs };
  silenceModelRuntime();
  // stdout belongs to the protocol: what the runtime prints there becomes a log line.
  const worker = new Worker(file, { workerData: settings, stdout: true, name: 'model' });
  worker.stdout.on('data', (chunk: Buffer) => logger.debug({ text: String(chunk) }, 'model thread printed'));
  return worker;
}
