import type { Pool } from 'pg';
import { AppError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { Telemetry } from '../telemetry/telemetry-types.js';
import type { Embedder, TextRange } from './embedding-types.js';
import {
  fetchPending,
  findPending,
  type PendingPassage,
  type SplitPassage,
  skipPassages,
  writeParts,
  writeVectors,
} from './passage-repository.js';
import { partsOf } from './text-parts.js';

export interface PassageEmbedder {
  /**
   * Gives passages their vectors; resolves when each has one, was split into parts that have, or is gone.
   * Call it for as many as there are: concurrent calls share batches. Ids that need nothing cost one look.
   * @throws AppError `corrupt_model`, or the database's error: the passages are then still pending.
   */
  embed(passageIds: readonly string[]): Promise<void>;
  /** Ids of passages without a vector for longer than `olderThanMs`, oldest first. */
  pending(olderThanMs: number, limit: number): Promise<string[]>;
  /** Resolves when the groups under way are written or have failed; waiting calls reject. The embedder stays open. */
  close(): Promise<void>;
}

export interface PassageEmbedderDeps {
  pool: Pool;
  embedder: Embedder;
  logger: Logger;
  telemetry?: Telemetry;
}

/** Passages of one round trip to the database and the model: about half a second of the model's time. */
const GROUP_PASSAGES = 64;
/**
 * Groups under way at once: while the model computes one, the next waits in its thread with its texts read, and the one
 * before is being written. More would only be read too early.
 */
const GROUPS = 3;
/** A deadlock or serialisation failure (two workers on the same rows) is worth trying again, this often. */
const WRITE_ATTEMPTS = 4;

interface Call {
  open: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** Batches what concurrent jobs ask for, and keeps the model busy while the database works. */
export function createPassageEmbedder(deps: PassageEmbedderDeps): PassageEmbedder {
  const { pool, embedder, logger, telemetry } = deps;
  /** Passages to do and who waits for each, in the order they came. */
  let waiting = new Map<string, Call[]>();
  const running = new Set<Promise<void>>();
  let closed = false;

  function start(): void {
    while (running.size < GROUPS && waiting.size > 0) {
      const group = [...waiting].slice(0, GROUP_PASSAGES);
      for (const [id] of group) waiting.delete(id);
      const work = runGroup(group).finally(() => {
        running.delete(work);
        start();
      });
      running.add(work);
    }
  }

  async function runGroup(group: [string, Call[]][]): Promise<void> {
    const calls = group.flatMap(([, waiters]) => waiters);
    try {
      await embedGroup(group.map(([id]) => id));
      for (const call of calls) {
        call.open -= 1;
        if (call.open === 0) call.resolve();
      }
    } catch (error) {
      for (const call of calls) call.reject(error);
    }
  }

  async function embedGroup(ids: string[]): Promise<void> {
    const found = await fetchPending(pool, ids);
    const orphans = found.filter(({ text }) => text === null);
    if (orphans.length > 0) logger.warn({ ids: orphans.map(({ id }) => id) }, 'passages without a live memory');
    await skipPassages(pool, orphans);
    const passages = found.filter(hasText);
    if (passages.length > 0) await embedTexts(passages);
  }

  async function embedTexts(passages: TextPassage[], alone = false): Promise<void> {
    let results: (Float32Array | TextRange[])[];
    try {
      results = await embedder.embedOrSplit(passages.map(({ text }) => text));
    } catch (error) {
      await isolate(passages, error, alone);
      return;
    }
    const short = passages.flatMap((passage, i) => {
      const vector = results[i];
      return vector instanceof Float32Array ? [{ ...passage, vector }] : [];
    });
    // In the order of ids, so that two workers on the same rows lock them in the same order.
    short.sort((a, b) => Number(BigInt(a.id) - BigInt(b.id)));
    await retryConflict(() => writeVectors(pool, short));
    for (const [i, passage] of passages.entries()) {
      const ranges = results[i];
      if (Array.isArray(ranges)) await embedParts(passage, ranges, alone);
    }
  }

  async function embedParts(passage: TextPassage, ranges: TextRange[], alone: boolean): Promise<void> {
    try {
      const parts = partsOf(passage.text, ranges);
      const vectors = await embedder.embed(
        parts.map(({ text }) => text),
        'passage',
      );
      const split: SplitPassage = {
        ...passage,
        parts: parts.map((part, i) => ({ ...part, vector: vectors[i] as Float32Array })),
      };
      await retryConflict(() => writeParts(pool, split));
    } catch (error) {
      await isolate([passage], error, alone);
    }
  }

  /**
   * One text that the model can't take must not keep the others from their vectors, nor be tried for ever: each is tried
   * once more, alone, and skipped if it fails again while the model is well (a plain text passes). Otherwise the error
   * is the model's or the database's.
   */
  async function isolate(passages: TextPassage[], error: unknown, alone: boolean): Promise<void> {
    if (closed || isFromElsewhere(error)) throw error;
    await embedder.embed(['a'], 'passage');
    if (!alone) {
      for (const passage of passages) await embedTexts([passage], true);
      return;
    }
    logger.error({ err: error, passageIds: passages.map(({ id }) => id) }, 'a passage can not be embedded: skipped');
    await skipPassages(pool, passages);
  }

  async function embed(passageIds: readonly string[]): Promise<void> {
    const ids = new Set(passageIds);
    if (ids.size === 0) return;
    if (closed) throw closing();
    await new Promise<void>((resolve, reject) => {
      const call: Call = { open: ids.size, resolve, reject };
      for (const id of ids) {
        const waiters = waiting.get(id);
        if (waiters) waiters.push(call);
        else waiting.set(id, [call]);
      }
      start();
    });
  }

  return {
    async embed(passageIds) {
      if (!telemetry) return await embed(passageIds);
      await telemetry.withSpan('pop_stash.passage.embed', { 'passage.count': passageIds.length }, () =>
        embed(passageIds),
      );
    },
    pending: (olderThanMs, limit) => findPending(pool, olderThanMs, limit),
    async close() {
      closed = true;
      const given = new Set([...waiting.values()].flat());
      waiting = new Map();
      for (const call of given) call.reject(closing());
      await Promise.allSettled(running);
    },
  };
}

type TextPassage = PendingPassage & { text: string };

function hasText(passage: PendingPassage): passage is TextPassage {
  return passage.text !== null;
}

async function retryConflict<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= WRITE_ATTEMPTS || !['40P01', '40001'].includes(codeOf(error))) throw error;
    }
  }
}

/** True for what says nothing about the text: the model's files, or the database (SQLSTATE, or a broken connection). */
function isFromElsewhere(error: unknown): boolean {
  if (error instanceof AppError) return error.code !== 'internal';
  return codeOf(error) !== '';
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return typeof code === 'string' ? code : '';
}

function closing(): AppError {
  return new AppError({
    code: 'not_ready',
    message: 'The embedding worker is closing.',
    fix: 'Nothing to do: the passages are found by the sweep.',
    retryable: true,
  });
}
