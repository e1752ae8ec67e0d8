import { AppError } from '../errors.js';
import type { Logger } from '../logger.js';
import { embedderClosed, fromThread, threadEnded } from './embedder-errors.js';
import { DIMENSIONS, type Embedder, type TextRange } from './embedding-types.js';
import { type ModelHost, type StartModelHost, startModelThread } from './model-host.js';
import type { RuntimeChoice, RuntimeInfo } from './runtime/runtime-types.js';
import { createThreadCalls, type ThreadWork } from './thread-calls.js';

export interface EmbedderDeps {
  /** Folder of the model: `findModel()`. */
  modelDir: string;
  /** Artificial sleep a text, in ms: POPSTASH_MODEL_DELAY_MS. */
  delayMs: number;
  /** POPSTASH_MODEL_RUNTIME; `auto` unless given. */
  runtime?: RuntimeChoice;
  logger: Logger;
  /** The built thread; the package's own unless a test builds one. */
  threadFile?: string;
  /** A thread of this process unless said otherwise. */
  startHost?: StartModelHost;
  /** Without a call for so long, in ms, the model is ended, and the next call starts it again; never unless given. */
  restMs?: number;
  /** Nothing was asked for restMs. */
  onRest?: () => void;
  /** The model is loaded, and by what it runs. */
  onReady?: (runtime: RuntimeInfo) => void;
}

/** How long `close` waits for the batch under way, in ms. */
const CLOSE_MS = 2_000;

/**
 * The model in a thread or process of its own, started by the first call. One that dies fails the calls under way, and the
 * next call starts another.
 */
export function createEmbedder(deps: EmbedderDeps): Embedder {
  const host = createRestingHost(deps);

  async function embed(work: ThreadWork, signal?: AbortSignal): Promise<(Float32Array | TextRange[])[]> {
    const answer = await host.ask(work, signal);
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
    isWaking: host.isWaking,
    close: host.close,
  };
}

/** The host that is running, if any, and the calls under way in it. */
function createRestingHost({
  logger,
  threadFile,
  restMs = 0,
  onRest,
  onReady,
  startHost = startModelThread,
  ...settings
}: EmbedderDeps) {
  const calls = createThreadCalls();
  let host: ModelHost | null = null;
  let isReady = false;
  let wasReady = false;
  let closed = false;
  let restTimer: NodeJS.Timeout | undefined;
  let ended: Promise<void> = Promise.resolve();

  function start(): ModelHost {
    let reason: unknown;
    isReady = false;
    let onEnded: () => void = () => undefined;
    ended = new Promise((resolve) => {
      onEnded = resolve;
    });
    const started: ModelHost = startHost(
      { ...settings, file: threadFile, logger },
      {
        onAnswer(answer) {
          if (answer.type === 'unusable') reason = fromThread(answer.error);
          else if (answer.type === 'ready') {
            isReady = wasReady = true;
            onReady?.(answer.runtime);
          } else calls.receive(answer);
        },
        onError(error) {
          reason = error;
        },
        onExit(code) {
          onEnded();
          // One that rests is no longer the host, and has no calls.
          if (host !== started) return;
          host = null;
          if (closed) return;
          const error = reason instanceof AppError ? reason : threadEnded(code, reason);
          logger.error({ err: error, cause: reason }, 'the model ended');
          calls.rejectAll(error);
        },
      },
    );
    return started;
  }

  /** Lets the batch under way end; resolves when the host has ended. */
  async function endHost({ post, kill }: ModelHost): Promise<void> {
    post({ type: 'close' });
    const timer = setTimeout(kill, CLOSE_MS);
    await ended;
    clearTimeout(timer);
  }

  function rest(): void {
    if (calls.underWay() > 0 || !host || closed) return;
    void endHost(host);
    host = null;
    logger.debug('the model rests');
    onRest?.();
  }

  return {
    async ask(work: ThreadWork, signal?: AbortSignal) {
      if (closed) throw embedderClosed();
      signal?.throwIfAborted();
      clearTimeout(restTimer);
      host ??= start();
      try {
        return await calls.call((request) => host?.post(request), work, signal);
      } finally {
        clearTimeout(restTimer);
        if (restMs > 0) restTimer = setTimeout(rest, restMs).unref();
      }
    },
    isWaking: () => wasReady && !(host && isReady),
    async close(): Promise<void> {
      if (closed) return;
      closed = true;
      clearTimeout(restTimer);
      calls.rejectAll(embedderClosed());
      if (host) await endHost(host);
      else await ended;
    },
  };
}
