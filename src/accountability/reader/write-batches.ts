import { retry } from '../../async/retry.js';
import { translateDatabaseError } from '../../db/faults/translate-error.js';
import { AppError } from '../../errors.js';
import type { RecordOutcome } from '../ledger/record-usage.js';
import type { FileClaim } from '../ledger/transcript-files.js';
import type { UsageRecord } from '../usage.js';
import type { FoundFile } from './find-files.js';
import type { UsageStore } from './usage-store.js';

/** What one step of reading found in a file, and how far it came. */
export interface FilePart {
  found: FoundFile;
  claim: FileClaim;
  records: readonly UsageRecord[];
  state: unknown;
  /** How many bytes further than the part before. */
  bytes: number;
  /** The file's last part: its claim ends. */
  isLast: boolean;
}

export interface BatchEvents {
  onWritten(parts: readonly FilePart[], outcome: RecordOutcome): void;
  /** Another reader has taken over the file. */
  onOvertaken(found: FoundFile): void;
  /** The database refuses what stands in the file. */
  onRefused(found: FoundFile, error: unknown): void;
}

export interface BatchWriter {
  /**
   * Takes a part, and writes when there is enough. Waits while the batch before is still being written.
   * @returns true when a batch has begun to be written
   */
  add(part: FilePart): Promise<boolean>;
  /** True for a file that was overtaken or refused: nothing of it is written any more. */
  isDropped(claim: FileClaim): boolean;
  /** Writes what is left, and resolves when all is written. */
  finish(): Promise<void>;
}

/**
 * A batch is written when it has so many records or parts, or is so old (ms): claims must not end before. An embedded database
 * does nothing else meanwhile: larger batches would not be faster there and keep other statements waiting (P16b).
 */
const MAX_RECORDS = 300;
const MAX_PARTS = 100;
const MAX_AGE_MS = 5_000;
/** Tries of a batch that waited too long for other writers. */
const ATTEMPTS = 5;

/**
 * Writes parts of many files in few transactions, while the next ones are read. Parts of one file are written in their order.
 * A file that can't be written does not keep the others from it.
 * @throws from `add` and `finish`: the database's error while it is away
 */
export function createBatchWriter(store: Pick<UsageStore, 'record'>, events: BatchEvents): BatchWriter {
  const dropped = new Set<string>();
  let parts: FilePart[] = [];
  let records = 0;
  let since = 0;
  let writing: Promise<void> = Promise.resolve();

  async function write(batch: readonly FilePart[]): Promise<void> {
    const wanted = batch.filter(({ claim }) => !dropped.has(nameOf(claim)));
    if (wanted.length === 0) return;
    try {
      const outcome = await retry(() => record(store, wanted), {
        attempts: ATTEMPTS,
        isRetryable: (error) => isCode(error, 'timeout'),
      });
      events.onWritten(wanted, outcome);
    } catch (error) {
      if (isCode(error, 'database_unavailable') || isCode(error, 'timeout')) throw error;
      const [first, ...others] = wanted;
      if (others.length > 0) {
        for (const part of wanted) await write([part]);
      } else if (first) {
        dropped.add(nameOf(first.claim));
        if (isCode(error, 'conflict')) events.onOvertaken(first.found);
        else events.onRefused(first.found, error);
      }
    }
  }

  /** One batch at a time is written; this resolves when the one before is, so that memory holds two. */
  async function flush(): Promise<void> {
    const batch = parts;
    parts = [];
    records = 0;
    await writing;
    writing = write(batch);
    // The next caller that waits for it gets the error.
    writing.catch(() => undefined);
  }

  return {
    async add(part) {
      if (parts.length === 0) since = performance.now();
      parts.push(part);
      records += part.records.length;
      const isOld = performance.now() - since > MAX_AGE_MS;
      const isFull = records >= MAX_RECORDS || parts.length >= MAX_PARTS || isOld;
      if (isFull) await flush();
      return isFull;
    },
    isDropped: (claim) => dropped.has(nameOf(claim)),
    async finish() {
      await flush();
      await writing;
    },
  };
}

async function record(store: Pick<UsageStore, 'record'>, parts: readonly FilePart[]): Promise<RecordOutcome> {
  // The last position of each file holds.
  const files = new Map(
    parts.map(({ claim, state, isLast }) => [nameOf(claim), { ...claim, state, isReleased: isLast }]),
  );
  const records = parts.flatMap((part) => part.records);
  return await store.record(records, [...files.values()]);
}

function nameOf({ client, path, claim }: FileClaim): string {
  return JSON.stringify([client, path, claim]);
}

function isCode(error: unknown, code: string): boolean {
  const translated = translateDatabaseError(error);
  return translated instanceof AppError && translated.code === code;
}
