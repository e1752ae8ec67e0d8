import { setTimeout as sleep } from 'node:timers/promises';
import { type EmbedCall, openCall } from './embed-call.js';
import { DIMENSIONS, PASSAGE_PIECES, type TextRange } from './embedding-types.js';
import { planBatches } from './plan-batches.js';
import type { WordReader } from './read-words.js';
import type { Model } from './run-model.js';
import { splitText } from './split-text.js';
import type { ThreadAnswer, ThreadRequest } from './thread-protocol.js';

/** Passages that are sorted together: enough for batches of similar lengths. */
const POOL_TEXTS = 64;
/** Longer texts (UTF-16 units) are read in slices, so that a query never waits for one. */
const LONG_TEXT = 8_192;
/** Longest time between two checks for queries while a long text is read, in ms. */
const SLICE_MS = 10;

interface Item {
  call: EmbedCall;
  index: number;
  pieces: readonly number[];
  length: number;
}

export interface Scheduler {
  /** Drops what has not been started. */
  stop(): void;
  add(request: Exclude<ThreadRequest, { type: 'close' }>): void;
}

export interface SchedulerDeps {
  model: Model;
  reader: WordReader;
  /** Artificial sleep a text, in ms. */
  delayMs: number;
  answer: (answer: ThreadAnswer) => void;
  /** Lets messages in. */
  yieldToMessages: () => Promise<void>;
}

/**
 * The order of the thread's work: queries first, between any two batches; then passages in the order of their calls, the
 * passages of several calls in common batches.
 */
export function createScheduler(deps: SchedulerDeps): Scheduler {
  const { reader, answer, yieldToMessages } = deps;
  const runBatches = createBatchRunner(deps);
  let queries: EmbedCall[] = [];
  let passages: EmbedCall[] = [];
  let busy = false;
  let stopped = false;

  async function runAll(): Promise<void> {
    busy = true;
    while (queries.length + passages.length > 0) {
      await runQueries();
      const pool = await takePassages();
      if (stopped) return;
      const finished = await runBatches(pool, async () => {
        await yieldToMessages();
        await runQueries();
        return !stopped;
      });
      if (!finished) return;
    }
    busy = false;
  }

  async function runQueries(): Promise<void> {
    for (let call = queries.shift(); call; call = queries.shift()) {
      const items: Item[] = [];
      while (!call.isTaken()) {
        const item = await readNext(call);
        if (item) items.push(item);
      }
      await runBatches(items, () => Promise.resolve(true));
      await yieldToMessages();
    }
  }

  async function takePassages(): Promise<Item[]> {
    const pool: Item[] = [];
    for (let call = passages[0]; call && pool.length < POOL_TEXTS; call = passages[0]) {
      const item = await readNext(call);
      if (item) pool.push(item);
      // The call may have been cancelled meanwhile, and is then no longer the first.
      if (call.isTaken() && passages[0] === call) passages.shift();
    }
    return pool;
  }

  /** The pieces of a call's next text; null when the text was split instead, or can't be read. */
  async function readNext(call: EmbedCall): Promise<Item | null> {
    try {
      const next = call.take();
      if (!next) return null;
      const { pieces, whole } = reader.encode(next.text, PASSAGE_PIECES);
      if (whole || call.request.long === 'cut') {
        return { call, index: next.index, pieces, length: pieces.length + 2 };
      }
      call.setRanges(next.index, await splitLong(next.text));
    } catch (error) {
      call.fail(error);
    }
    return null;
  }

  async function splitLong(text: string): Promise<TextRange[]> {
    const work = splitText(text, reader);
    let since = performance.now();
    for (;;) {
      const step = work.next();
      if (step.done) return step.value;
      if (text.length > LONG_TEXT && performance.now() - since > SLICE_MS) {
        await yieldToMessages();
        await runQueries();
        since = performance.now();
      }
    }
  }

  return {
    stop() {
      queries = [];
      passages = [];
      stopped = true;
    },
    add(request) {
      if (request.type === 'cancel') {
        queries = queries.filter((call) => call.request.id !== request.id);
        passages = passages.filter((call) => call.request.id !== request.id);
        return;
      }
      (request.priority === 'query' ? queries : passages).push(openCall(request, answer));
      if (!busy) void runAll();
    },
  };
}

/** @returns what embeds items in batches; `next` runs after each batch, and false ends it. */
function createBatchRunner({ model, delayMs }: Pick<SchedulerDeps, 'model' | 'delayMs'>) {
  async function runBatch(batch: readonly Item[]): Promise<void> {
    try {
      if (delayMs > 0) await sleep(delayMs * batch.length);
      const vectors = await model.embedBatch(batch.map((item) => item.pieces));
      for (const [row, { call, index }] of batch.entries()) {
        call.setVector(index, vectors.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS));
      }
    } catch (error) {
      for (const { call } of batch) call.fail(error);
    }
  }

  return async (items: readonly Item[], next: () => Promise<boolean>): Promise<boolean> => {
    const batches = delayMs > 0 ? items.map((item) => [item]) : planBatches(items);
    for (const batch of batches) {
      await runBatch(batch);
      if (!(await next())) return false;
    }
    return true;
  };
}
