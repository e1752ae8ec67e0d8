import { setTimeout as sleep } from 'node:timers/promises';
import { DIMENSIONS, PASSAGE_PIECES, type TextRange } from './embedding-types.js';
import { planBatches } from './plan-batches.js';
import type { WordReader } from './read-words.js';
import type { Model } from './run-model.js';
import { splitText } from './split-text.js';
import type { ThreadAnswer, ThreadError, ThreadRequest } from './thread-protocol.js';

/** Texts sorted together: enough for batches of like lengths. */
const POOL_TEXTS = 64;
/** Longer texts (UTF-16 units) are not read in one go, so that a query never waits for one. */
const LONG_TEXT = 8_192;
/** Longest time without a look at the queries while a long text is read, in ms. */
const SLICE_MS = 10;

type EmbedRequest = Extract<ThreadRequest, { type: 'embed' }>;
type SplitRequest = Extract<ThreadRequest, { type: 'split' }>;

interface Call {
  request: EmbedRequest;
  /** Next text to be taken. */
  next: number;
  /** Texts without a result. */
  open: number;
  vectors: (Float32Array | null)[];
  ranges: (TextRange[] | null)[];
}

interface Item {
  call: Call;
  index: number;
  pieces: readonly number[];
  length: number;
}

export interface Scheduler {
  /** Drops what has not been started. */
  stop(): void;
  add(request: Exclude<ThreadRequest, { type: 'close' }>): void;
}

/**
 * The thread's work in order: queries first, between any two batches; then passages and splits as they came,
 * the passages of several calls in common batches.
 */
export function createScheduler(deps: {
  model: Model;
  reader: WordReader;
  delayMs: number;
  answer: (answer: ThreadAnswer) => void;
  /** Lets messages in. */
  turn: () => Promise<void>;
}): Scheduler {
  const { model, reader, delayMs, answer, turn } = deps;
  let queries: Call[] = [];
  let passages: Call[] = [];
  let splits: SplitRequest[] = [];
  let busy = false;
  let stopped = false;

  async function runAll(): Promise<void> {
    busy = true;
    while (queries.length + passages.length + splits.length > 0) {
      await runQueries();
      const split = splits.shift();
      if (split) await runSplit(split);
      const pool = await takePassages();
      for (const batch of plan(pool)) {
        if (stopped) return;
        await runBatch(batch);
        await turn();
        await runQueries();
      }
    }
    busy = false;
  }

  async function runQueries(): Promise<void> {
    for (let call = queries.shift(); call; call = queries.shift()) {
      const items: Item[] = [];
      while (call.next < call.request.texts.length) {
        const item = await readNext(call);
        if (item) items.push(item);
      }
      for (const batch of plan(items)) await runBatch(batch);
      await turn();
    }
  }

  async function takePassages(): Promise<Item[]> {
    const pool: Item[] = [];
    for (let call = passages[0]; call && pool.length < POOL_TEXTS; call = passages[0]) {
      const item = await readNext(call);
      if (item) pool.push(item);
      // A cancelled call is gone from the list by now, perhaps.
      if (call.next >= call.request.texts.length && passages[0] === call) passages.shift();
    }
    return pool;
  }

  /** The pieces of a call's next text; null when the text was split instead, or can't be read. */
  async function readNext(call: Call): Promise<Item | null> {
    const index = call.next;
    call.next += 1;
    try {
      const text = call.request.texts[index] as string;
      const { pieces, whole } = reader.encode(text, PASSAGE_PIECES);
      if (whole || call.request.long === 'cut') return { call, index, pieces, length: pieces.length + 2 };
      call.ranges[index] = await splitLong(text);
      finishText(call);
    } catch (error) {
      failCall(call, error);
    }
    return null;
  }

  async function runSplit(request: SplitRequest): Promise<void> {
    const { id } = request;
    try {
      const ranges: TextRange[][] = [];
      for (const text of request.texts) ranges.push(await splitLong(text));
      answer({ type: 'split', id, ranges });
    } catch (error) {
      answer({ type: 'failed', id, error: describe(error) });
    }
  }

  async function splitLong(text: string): Promise<TextRange[]> {
    const work = splitText(text, reader);
    let since = performance.now();
    for (;;) {
      const step = work.next();
      if (step.done) return step.value;
      if (text.length > LONG_TEXT && performance.now() - since > SLICE_MS) {
        await turn();
        await runQueries();
        since = performance.now();
      }
    }
  }

  function plan(items: Item[]): Item[][] {
    return delayMs > 0 ? items.map((item) => [item]) : planBatches(items);
  }

  async function runBatch(batch: Item[]): Promise<void> {
    try {
      if (delayMs > 0) await sleep(delayMs * batch.length);
      const vectors = await model.embedBatch(batch.map((item) => item.pieces));
      batch.forEach(({ call, index }, row) => {
        call.vectors[index] = vectors.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS);
        finishText(call);
      });
    } catch (error) {
      for (const call of new Set(batch.map((item) => item.call))) failCall(call, error);
    }
  }

  function finishText(call: Call): void {
    call.open -= 1;
    if (call.open > 0) return;
    const found = call.vectors.filter((vector) => vector !== null);
    const vectors = new Float32Array(found.length * DIMENSIONS);
    found.forEach((vector, at) => {
      vectors.set(vector, at * DIMENSIONS);
    });
    answer({ type: 'embedded', id: call.request.id, vectors, ranges: call.ranges });
  }

  function failCall(call: Call, error: unknown): void {
    if (call.open === Number.POSITIVE_INFINITY) return;
    call.open = Number.POSITIVE_INFINITY;
    call.next = call.request.texts.length;
    answer({ type: 'failed', id: call.request.id, error: describe(error) });
  }

  return {
    stop() {
      queries = [];
      passages = [];
      splits = [];
      stopped = true;
    },
    add(request) {
      if (request.type === 'cancel') {
        queries = queries.filter((call) => call.request.id !== request.id);
        passages = passages.filter((call) => call.request.id !== request.id);
        splits = splits.filter((split) => split.id !== request.id);
        return;
      }
      if (request.type === 'split') splits.push(request);
      else {
        const none = request.texts.map(() => null);
        const call = { request, next: 0, open: request.texts.length, vectors: [...none], ranges: [...none] };
        (request.priority === 'query' ? queries : passages).push(call);
      }
      if (!busy) void runAll();
    },
  };
}

function describe(error: unknown): ThreadError {
  return { message: error instanceof Error ? error.message : String(error) };
}
