import { setTimeout as sleep } from 'node:timers/promises';
import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import type { Logger } from '../../logger.js';
import type { FileClaim } from '../ledger/transcript-files.js';
import { readUsageFile, type UsageStep } from '../transcripts/read-usage-file.js';
import type { FoundFile } from './find-files.js';
import type { ReadProgress, ReadSummary } from './reader-types.js';
import { noteNotRead, progressOf, startSummary } from './summarize-reading.js';
import type { UsageStore } from './usage-store.js';
import { type BatchWriter, createBatchWriter, type FilePart } from './write-batches.js';

/** What is read in one step: parsing it holds up the event loop for some milliseconds. */
export interface StepLimits {
  bytes: number;
  /** Of a database. */
  rows: number;
}
const STEP: StepLimits = { bytes: 512 * 1024, rows: 500 };

/** Files that are claimed together: so few, in number and in bytes, that each is begun long before its claim ends. */
const MAX_CLAIMED_FILES = 50;
const MAX_CLAIMED_BYTES = 16 * 1024 * 1024;

/** Longest pause of a reading in the background, in ms: claims go on meanwhile. */
const MAX_REST_MS = 500;

export interface ReadFilesDeps {
  store: UsageStore;
  logger: Logger;
  /** Rests as long as it works. */
  isBackground?: boolean | undefined;
  step?: StepLimits | undefined;
  /** A file was read to its end, and all of it is written. */
  onRead(found: FoundFile): void;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: ReadProgress) => void) | undefined;
}

interface Reading extends ReadFilesDeps {
  summary: ReadSummary;
  writer: BatchWriter;
  /** Awaited after each batch. */
  rest(): Promise<void>;
}

/**
 * Reads what is new in these files into the ledger.
 * @throws the database's error; what was written before stays
 */
export async function readFiles(files: readonly FoundFile[], deps: ReadFilesDeps): Promise<ReadSummary> {
  const summary = startSummary(files);
  const tell = () => deps.onProgress?.(progressOf(summary));
  const writer = createBatchWriter(deps.store, {
    onWritten(parts, { inserted, updated, merged }) {
      summary.inserted += inserted;
      summary.updated += updated;
      summary.merged += merged;
      summary.newRequests += inserted;
      for (const { found, bytes, isLast, state } of parts) {
        summary.bytesRead += bytes;
        if (!isLast) continue;
        summary.filesRead += 1;
        if (stampOf(state) === found.stamp) deps.onRead(found);
      }
      tell();
    },
    onOvertaken: () => {
      summary.filesBusy += 1;
    },
    onRefused({ file }, error) {
      deps.logger.error({ err: error, client: file.client, path: file.path }, 'usage of a file can not be written');
      noteNotRead(summary, file, 'the database refuses what stands in it');
    },
  });
  const reading = { ...deps, summary, writer, rest: createRest(deps.isBackground ?? false) };
  tell();
  for (const group of groupFiles(files)) {
    if (deps.signal?.aborted) break;
    await readGroup(group, reading);
  }
  await writer.finish();
  summary.isAborted = deps.signal?.aborted ?? false;
  tell();
  return summary;
}

/** Files that are claimed together. */
function* groupFiles(files: readonly FoundFile[]): Generator<FoundFile[]> {
  let group: FoundFile[] = [];
  let bytes = 0;
  for (const found of files) {
    if (group.length >= MAX_CLAIMED_FILES || (group.length > 0 && bytes + found.size > MAX_CLAIMED_BYTES)) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(found);
    bytes += found.size;
  }
  if (group.length > 0) yield group;
}

async function readGroup(group: readonly FoundFile[], reading: Reading): Promise<void> {
  const { store, summary } = reading;
  const files = new Map(group.map((found) => [keyOf(found.file), found]));
  const claims = await store.claim(group.map(({ file: { client, path } }) => ({ client, path })));
  summary.filesBusy += group.length - claims.length;
  const kept: FileClaim[] = [];
  for (const claim of claims) {
    const found = files.get(keyOf(claim));
    if (!found || !(await readFile(found, claim, reading))) kept.push(claim);
  }
  await store.release(kept);
}

/** Reads a file to its end. @returns false if the claim has not been given to a part that ends it */
async function readFile(found: FoundFile, claim: FileClaim, reading: Reading): Promise<boolean> {
  const { summary, writer, signal, onRead } = reading;
  if (stampOf(claim.state) === found.stamp) {
    // Another reader was here since.
    summary.filesRead += 1;
    summary.bytesRead += found.size;
    onRead(found);
    return false;
  }
  let state = claim.state;
  let position = 0;
  for (;;) {
    await yieldToEventLoop();
    if (signal?.aborted || writer.isDropped(claim)) return false;
    const step = await readStep(found, state, reading);
    if (!step) return false;
    const isStuck = JSON.stringify(step.state) === JSON.stringify(state);
    const part = toPart(found, claim, step, step.isAtEnd || isStuck, position);
    if (await writer.add(part)) await reading.rest();
    if (part.isLast) return true;
    position += part.bytes;
    state = step.state;
  }
}

function toPart(found: FoundFile, claim: FileClaim, step: UsageStep, isLast: boolean, position: number): FilePart {
  // A database that could not be opened is tried again, changed or not.
  const isRead = isLast && (step.notRead === null || found.file.format !== 'database');
  const reached = isLast ? found.size : step.state?.format === 'lines' ? step.state.offset : position;
  return {
    found,
    claim,
    records: step.records,
    state: { ...step.state, ...(isRead && { stamp: found.stamp }) },
    bytes: Math.max(0, Math.min(reached, found.size) - position),
    isLast,
  };
}

async function readStep(
  { source, file }: FoundFile,
  state: unknown,
  { summary, step: limits = STEP }: Reading,
): Promise<UsageStep | null> {
  try {
    const step = await readUsageFile(source, file, state, { stepBytes: limits.bytes, maxRows: limits.rows });
    summary.badRows += step.badRows;
    summary.longLines += step.longLines;
    if (step.notRead !== null) noteNotRead(summary, file, step.notRead);
    return step;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // One that went away since it was found has nothing to say.
    if (code !== 'ENOENT') noteNotRead(summary, file, message);
    return null;
  }
}

/** A pause as long as the work since the last one, so that what agents ask for comes between. */
function createRest(isBackground: boolean): () => Promise<void> {
  let workedSince = performance.now();
  return async () => {
    if (isBackground) await sleep(Math.min(performance.now() - workedSince, MAX_REST_MS));
    workedSince = performance.now();
  };
}

function keyOf({ client, path }: { client: string; path: string }): string {
  return `${client} ${path}`;
}

/** How the file looked when it was read to its end. */
function stampOf(state: unknown): unknown {
  return typeof state === 'object' && state !== null && 'stamp' in state ? state.stamp : null;
}
