import type { Pool } from 'pg';
import { retry } from '../../async/retry.js';
import { createLane } from '../../embedding/create-lane.js';
import type { Embedder, TextRange } from '../../embedding/embedding-types.js';
import { AppError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';
import {
  fetchPending,
  findPending,
  mergeLexemes,
  type PendingPassage,
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
const GROUP_PASSAGES = 64;
/**
 * Groups under way at once: while the model computes one, the next waits in its thread with its texts read, and the one
 * before is being written. More would only be read too early.
 */
const GROUPS = 3;
/** A deadlock or serialisation failure (two workers on the same rows) is worth trying again, this many times in all. */
const CONFLICTS = { attempts: 4, isRetryable: isConflict };
/** Passages whose lexemes wait to be merged into their index: about 5 ms of the database's time. */
const MERGE_AFTER = 64;
/** How long `close` waits for the model, in ms: the groups under way are worth about as much. */
const CLOSE_MS = 2_000;

/** Batches what concurrent jobs ask for, and keeps the model busy while the database works. */
export function createPassageEmbedder(deps: PassageEmbedderDeps): PassageEmbedder {
  const { pool, embedder, logger, telemetry } = deps;
  let closed = false;
  let unmerged = 0;
  const giveUp = new AbortController();

  const lane = createLane({
    groupSize: GROUP_PASSAGES,
    groups: GROUPS,
    work: async (ids) => new Map((await embedGroup(ids)).map(({ id }) => [id, longLane.add(id)])),
  });
  /** Long texts one by one, so that short ones never wait for more than the parts of one. */
  const longLane = createLane({
    groupSize: 1,
    groups: 1,
    work: async (ids) => {
      for (const passage of await embedGroup(ids)) await embedParts(passage);
      return new Map();
    },
  });

  /** @returns the passages that are too long for one vector. */
  async function embedGroup(ids: string[]): Promise<LongPassage[]> {
    const found = await fetchPending(pool, ids);
    const orphans = found.filter(({ text }) => text === null);
    if (orphans.length > 0) logger.warn({ ids: orphans.map(({ id }) => id) }, 'passages without a live memory');
    await skipPassages(pool, orphans);
    const passages = found.filter(hasText);
    return passages.length > 0 ? await embedTexts(passages) : [];
  }

  async function embedTexts(passages: TextPassage[], alone = false): Promise<LongPassage[]> {
    let results: (Float32Array | TextRange[])[];
    try {
      results = await embedder.embedOrSplit(
        passages.map(({ text }) => text),
        giveUp.signal,
      );
    } catch (error) {
      return await isolate(passages, error, alone);
    }
    const short: (TextPassage & { vector: Float32Array })[] = [];
    const long: LongPassage[] = [];
    for (const [i, passage] of passages.entries()) {
      const result = results[i];
      if (result instanceof Float32Array) short.push({ ...passage, vector: result });
      else if (result) long.push({ ...passage, ranges: result });
    }
    // In the order of ids, so that two workers on the same rows lock them in the same order.
    short.sort((a, b) => Number(BigInt(a.id) - BigInt(b.id)));
    await retry(() => writeVectors(pool, short), CONFLICTS);
    await mergeNow(passages.length);
    return long;
  }

  async function mergeNow(written: number): Promise<void> {
    unmerged += written;
    if (unmerged < MERGE_AFTER) return;
    unmerged = 0;
    await mergeLexemes(pool).catch((error: unknown) => logger.debug({ err: error }, 'lexemes were not merged'));
  }

  async function embedParts(passage: LongPassage): Promise<void> {
    const parts = partsOf(passage.text, passage.ranges);
    const texts = parts.map(({ text }) => text);
    let vectors: Float32Array[];
    try {
      vectors = await embedder.embed(texts, 'passage', giveUp.signal);
    } catch (error) {
      if (closed || isFromElsewhere(error)) throw error;
      await skip(passage, error);
      return;
    }
    const split = { ...passage, parts: parts.map((part, i) => ({ ...part, vector: vectors[i] as Float32Array })) };
    await retry(() => writeParts(pool, split), CONFLICTS);
  }

  /**
   * One text that the model can't take must not keep the others from their vectors, nor be tried for ever: each is tried
   * once more, alone, and skipped if it fails again. An error of the model or the database is thrown.
   */
  async function isolate(passages: TextPassage[], error: unknown, alone: boolean): Promise<LongPassage[]> {
    if (closed || isFromElsewhere(error)) throw error;
    const long: LongPassage[] = [];
    for (const passage of passages) {
      if (alone) await skip(passage, error);
      else long.push(...(await embedTexts([passage], true)));
    }
    return long;
  }

  /** Gives a passage up, if the model is well: otherwise a plain text fails too, and with it the job. */
  async function skip(passage: TextPassage, error: unknown): Promise<void> {
    await embedder.embed(['a'], 'passage', giveUp.signal);
    logger.error({ err: error, passageId: passage.id }, 'a passage can not be embedded: it is found by its words only');
    await skipPassages(pool, [passage]);
  }

  async function embed(passageIds: readonly string[]): Promise<void> {
    if (closed) throw closing();
    await Promise.all([...new Set(passageIds)].map((id) => lane.add(id)));
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
      const timer = setTimeout(() => giveUp.abort(closing()), CLOSE_MS);
      await lane.close(closing());
      await longLane.close(closing());
      clearTimeout(timer);
    },
  };
}

type TextPassage = PendingPassage & { text: string };
type LongPassage = TextPassage & { ranges: TextRange[] };

function hasText(passage: PendingPassage): passage is TextPassage {
  return passage.text !== null;
}

/** A deadlock, or a serialization failure. */
function isConflict(error: unknown): boolean {
  return ['40P01', '40001'].includes(codeOf(error));
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
