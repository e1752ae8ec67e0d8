import type { Pool } from 'pg';
import { retry } from '../../async/retry.js';
import type { Embedder, TextRange } from '../../embedding/embedding-types.js';
import { AppError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';
import {
  fetchPending,
  mergeLexemes,
  type PendingPassage,
  replaceVectors,
  skipPassages,
  writeParts,
  writeVectors,
} from './passage-repository.js';
import { type SpacedText, spaceIdentifiers } from './space-identifiers.js';
import { partsOf } from './text-parts.js';

type TextPassage = PendingPassage & { text: string };
/** A passage that is too long for one vector, and the ranges to embed instead. */
export type LongPassage = TextPassage & { ranges: TextRange[] };

export interface BatchEmbedder {
  /** Gives the passages of these ids their vectors. @returns those that are too long for one */
  embed(ids: readonly string[]): Promise<LongPassage[]>;
  /** Gives the parts of a long passage their vectors. */
  embedParts(passage: LongPassage): Promise<void>;
}

export interface BatchEmbedderDeps {
  pool: Pool;
  embedder: Embedder;
  logger: Logger;
  telemetry?: Pick<Telemetry, 'metrics'>;
  /** Gives up what the model has not started. */
  signal: AbortSignal;
  isClosing: () => boolean;
}

/** Attempts at a write that meets a deadlock or a serialization failure (two workers on the same rows). */
const WRITE_ATTEMPTS = 4;
/** Passages whose lexemes wait to be merged into their index: about 5 ms of the database's time. */
const MERGE_AFTER = 64;

/** From ids to vectors in the database, a batch in two round trips and one call of the model. */
export function createBatchEmbedder(deps: BatchEmbedderDeps): BatchEmbedder {
  const { pool, embedder, logger, telemetry, signal, isClosing } = deps;
  let unmerged = 0;

  async function embedTexts(passages: readonly TextPassage[], alone = false): Promise<LongPassage[]> {
    const askedAt = performance.now();
    const spaced = passages.map(({ text }) => spaceIdentifiers(text));
    let results: (Float32Array | TextRange[])[];
    try {
      results = await embedder.embedOrSplit(
        spaced.map(({ text }) => text),
        signal,
      );
    } catch (error) {
      return await isolate(passages, error, alone);
    }
    const { short, long } = sortResults(passages, spaced, results);
    const fresh = short.filter(({ isNew }) => isNew);
    const older = short.filter(({ isNew }) => !isNew);
    const retries = { attempts: WRITE_ATTEMPTS, isRetryable: isRowConflict };
    await retry(() => writeVectors(pool, fresh), retries);
    await retry(() => replaceVectors(pool, older), retries);
    const passed = performance.now() - askedAt;
    for (const { ageMs } of fresh) telemetry?.metrics.passageEmbedded(ageMs + passed);
    await mergeNow(passages.length);
    return long;
  }

  async function mergeNow(written: number): Promise<void> {
    unmerged += written;
    if (unmerged < MERGE_AFTER) return;
    unmerged = 0;
    await mergeLexemes(pool).catch((error: unknown) => logger.debug({ err: error }, 'lexemes were not merged'));
  }

  /**
   * One text that the model can't take must not keep the others from their vectors, nor be tried for ever: each is tried
   * once more, alone, and skipped if it fails again. An error of the model or the database is thrown.
   */
  async function isolate(passages: readonly TextPassage[], error: unknown, alone: boolean): Promise<LongPassage[]> {
    if (isClosing() || isFromElsewhere(error)) throw error;
    const long: LongPassage[] = [];
    for (const passage of passages) {
      if (alone) await skip(passage, error);
      else long.push(...(await embedTexts([passage], true)));
    }
    return long;
  }

  /** Gives a passage up, if the model works: otherwise a plain text fails too, and with it the job. */
  async function skip(passage: TextPassage, error: unknown): Promise<void> {
    await embedder.embed(['a'], 'passage', signal);
    logger.error({ err: error, passageId: passage.id }, 'a passage can not be embedded: it is found by its words only');
    await skipPassages(pool, [passage]);
  }

  return {
    async embed(ids) {
      const found = await fetchPending(pool, ids);
      const orphans = found.filter(({ text }) => text === null);
      if (orphans.length > 0) logger.warn({ ids: orphans.map(({ id }) => id) }, 'passages without a live memory');
      await skipPassages(pool, orphans);
      const passages = found.filter(hasText);
      return passages.length > 0 ? await embedTexts(passages) : [];
    },
    async embedParts(passage) {
      const parts = partsOf(passage.text, passage.ranges);
      const texts = parts.map(({ text }) => spaceIdentifiers(text).text);
      let vectors: Float32Array[];
      try {
        vectors = await embedder.embed(texts, 'passage', signal);
      } catch (error) {
        if (isClosing() || isFromElsewhere(error)) throw error;
        await skip(passage, error);
        return;
      }
      const split = { ...passage, parts: parts.map((part, i) => ({ ...part, vector: vectors[i] as Float32Array })) };
      await retry(() => writeParts(pool, split), { attempts: WRITE_ATTEMPTS, isRetryable: isRowConflict });
    },
  };
}

function hasText(passage: PendingPassage): passage is TextPassage {
  return passage.text !== null;
}

/** Short passages with their vectors, in the order of ids: two workers on the same rows lock them in the same order. */
function sortResults(
  passages: readonly TextPassage[],
  spaced: readonly SpacedText[],
  results: readonly (Float32Array | TextRange[])[],
) {
  const short: (TextPassage & { vector: Float32Array })[] = [];
  const long: LongPassage[] = [];
  for (const [i, passage] of passages.entries()) {
    const result = results[i];
    if (result instanceof Float32Array) short.push({ ...passage, vector: result });
    else if (result)
      long.push({ ...passage, ranges: result.map((range) => (spaced[i] as SpacedText).toOriginal(range)) });
  }
  short.sort((a, b) => Number(BigInt(a.id) - BigInt(b.id)));
  return { short, long };
}

/** A deadlock or a serialization failure. */
function isRowConflict(error: unknown): boolean {
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
