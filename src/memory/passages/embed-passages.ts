import type { Pool } from 'pg';
import { createBatchQueue } from '../../embedding/create-batch-queue.js';
import type { Embedder } from '../../embedding/embedding-types.js';
import { AppError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';
import { createBatchEmbedder } from './embed-batch.js';
import { findOutdated, findPending } from './passage-repository.js';

export interface PassageEmbedder {
  /**
   * Gives passages their vectors; resolves when each has one, was split into parts that have one, or is gone.
   * Call it for any number: concurrent calls share batches. Ids that need nothing cost one look-up.
   * @throws AppError `corrupt_model`, or the database's error: the passages are then still pending.
   */
  embed(passageIds: readonly string[]): Promise<void>;
  /** Ids of passages without a vector for longer than `olderThanMs`, oldest first. */
  pending(olderThanMs: number, limit: number): Promise<string[]>;
  /** Ids of passages with a vector of a former model, newest first. */
  outdated(limit: number): Promise<string[]>;
  /**
   * Rejects what waits, and after a moment what is under way too (a slow model is not waited for): it stays pending.
   * Resolves when nothing is under way. The embedder stays open.
   */
  close(): Promise<void>;
}

export interface PassageEmbedderDeps {
  pool: Pool;
  embedder: Embedder;
  logger: Logger;
  telemetry?: Telemetry;
}

/** Passages of one round trip to the database and the model: about half a second of the model's time. */
const MAX_BATCH_PASSAGES = 64;
/**
 * Batches under way at once: while the model computes one, the next waits in its thread with its texts read, and the one
 * before is being written. More would only be read too early.
 */
const MAX_BATCHES = 3;
/** How long `close` waits for the model, in ms: the batches under way take about as long. */
const CLOSE_MS = 2_000;

/** Batches the passages of concurrent jobs, and keeps the model busy while the database works. */
export function createPassageEmbedder(deps: PassageEmbedderDeps): PassageEmbedder {
  const { pool, telemetry } = deps;
  let closed = false;
  const abort = new AbortController();
  const batches = createBatchEmbedder({ ...deps, signal: abort.signal, isClosing: () => closed });

  const queue = createBatchQueue({
    maxBatchSize: MAX_BATCH_PASSAGES,
    maxBatches: MAX_BATCHES,
    work: async (ids) => new Map((await batches.embed(ids)).map(({ id }) => [id, longTexts.add(id)])),
  });
  /** Long texts one by one, so that short ones never wait for more than the parts of one. */
  const longTexts = createBatchQueue({
    maxBatchSize: 1,
    maxBatches: 1,
    work: async (ids) => {
      for (const passage of await batches.embed(ids)) await batches.embedParts(passage);
      return new Map();
    },
  });

  async function embed(passageIds: readonly string[]): Promise<void> {
    if (closed) throw embedderClosing();
    await Promise.all([...new Set(passageIds)].map((id) => queue.add(id)));
  }

  return {
    async embed(passageIds) {
      if (!telemetry || passageIds.length === 0) return await embed(passageIds);
      await telemetry.withSpan('pop_stash.passage.embed', { 'passage.count': passageIds.length }, () =>
        embed(passageIds),
      );
    },
    pending: (olderThanMs, limit) => findPending(pool, olderThanMs, limit),
    outdated: (limit) => findOutdated(pool, limit),
    async close() {
      closed = true;
      const timer = setTimeout(() => abort.abort(embedderClosing()), CLOSE_MS);
      await queue.close(embedderClosing());
      await longTexts.close(embedderClosing());
      clearTimeout(timer);
    },
  };
}

function embedderClosing(): AppError {
  return new AppError({
    code: 'not_ready',
    message: 'The embedding worker is closing.',
    fix: 'Nothing to do: the passages are found by the sweep.',
    retryable: true,
  });
}
