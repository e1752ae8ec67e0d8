import * as z from 'zod';
import type { UsageRecord } from '../usage.js';
import { fingerprintSchema, isSameFingerprint, takeFingerprint } from './fingerprint.js';
import { openTranscript, type Transcript } from './open-transcript.js';
import type { FileContext, LineFormat, RowReader, UsageFile } from './source-types.js';
import { endOfLines, visitMarkedLines } from './split-lines.js';

/** Bytes read in one step: the memory that reading needs, whatever the size of the file. */
const STEP_BYTES = 4 * 1024 * 1024;

/** A longer line is passed over and counted: no row of usage comes near, and a damaged file could be one line. */
const MAX_LINE_BYTES = 32 * 1024 * 1024;

export const lineStateSchema = z.object({
  /** Where the next line starts. */
  offset: z.int().min(0),
  fingerprint: fingerprintSchema,
  /** What the client's reader carries from row to row. */
  reader: z.json(),
});

/** How far a file was read, as JSON: stored with the records of the step, reading goes on after any interruption. */
export type LineState = z.infer<typeof lineStateSchema>;

export interface LineStep {
  records: UsageRecord[];
  /** Null while nothing of the file was read. */
  state: LineState | null;
  /** Nothing more to read now; what follows the last newline waits for its end. */
  isAtEnd: boolean;
  /** The file is not the one that `saved` speaks of, or was cut: it is read from its start. */
  isRestarted: boolean;
  /** Rows that should say something and could not be read. */
  badRows: number;
  /** Lines passed over for their length. */
  longLines: number;
}

export interface LineLimits {
  stepBytes?: number;
  maxLineBytes?: number;
}

/**
 * Reads the next few megabytes of a file that its client appends to, up to the last whole line.
 * @param saved the state of the last step, or null to begin
 * @throws the file system's error if the file cannot be opened or read
 */
export async function readLines(
  { path, cwd }: Pick<UsageFile, 'path' | 'cwd'>,
  format: LineFormat,
  saved: LineState | null,
  { stepBytes = STEP_BYTES, maxLineBytes = MAX_LINE_BYTES }: LineLimits = {},
): Promise<LineStep> {
  const file = await openTranscript(path);
  const { inode } = file;
  const isSame =
    saved !== null && isSameFingerprint(saved.fingerprint, await takeFingerprint(file, inode, saved.offset));
  const context: FileContext = { path, bornAt: file.bornAt, cwd: cwd ?? null };
  const { reader, known } = openReader(format, isSame ? saved : null, context);
  const start = known?.offset ?? 0;
  const { buffer, end, skippedTo, isAtEnd } = await readWholeLines(file, start, file.size, {
    stepBytes,
    maxLineBytes,
  });
  const step: LineStep = {
    records: [],
    state: known,
    isAtEnd,
    isRestarted: saved !== null && known === null,
    badRows: 0,
    longLines: skippedTo === null ? 0 : 1,
  };
  const visit = (line: Buffer) => {
    try {
      for (const record of reader.readRow(JSON.parse(line.toString('utf8')))) step.records.push(record);
    } catch {
      step.badRows += 1;
    }
  };
  const firstLine = start === 0 && format.readsFirstLine === true ? buffer.subarray(0, end).indexOf(10) + 1 : 0;
  if (firstLine > 1) visit(buffer.subarray(0, firstLine - 1));
  visitMarkedLines(buffer, { start: firstLine, end }, markersOf(format), visit);
  const offset = skippedTo ?? start + end;
  const piece = { position: start, bytes: buffer };
  const fingerprint = offset > start ? await takeFingerprint(file, inode, offset, piece) : null;
  // A file that was cut while it was read has no fingerprint: the next step begins again.
  if (fingerprint) step.state = lineStateSchema.parse({ offset, fingerprint, reader: reader.save() });
  return step;
}

/** Opens the client's reader where it left off; where an older version of it left off, at the start. */
function openReader(
  format: LineFormat,
  saved: LineState | null,
  file: FileContext,
): { reader: RowReader; known: LineState | null } {
  if (saved !== null) {
    try {
      return { reader: format.open(saved.reader, file), known: saved };
    } catch {
      // The form of what a reader carries has changed.
    }
  }
  return { reader: format.open(null, file), known: null };
}

interface WholeLines {
  buffer: Buffer;
  /** The end of the whole lines in the buffer. */
  end: number;
  /** Set if a line was too long: where the next one starts in the file. */
  skippedTo: number | null;
  isAtEnd: boolean;
}

/** Reads as many whole lines as fit into a step, but at least one, however long up to the limit. */
async function readWholeLines(
  file: Transcript,
  start: number,
  fileSize: number,
  { stepBytes, maxLineBytes }: Required<LineLimits>,
): Promise<WholeLines> {
  for (let size = stepBytes; ; size *= 4) {
    // One byte more than the file has: a buffer that stays short says that the end was reached.
    const wanted = Math.min(size, Math.max(maxLineBytes, stepBytes), Math.max(fileSize - start, 0) + 1);
    const buffer = Buffer.allocUnsafe(wanted);
    const length = await fill(file, buffer, start);
    const end = endOfLines(buffer, length);
    const isWholeFile = length < buffer.length;
    if (end > 0 || isWholeFile)
      return { buffer: buffer.subarray(0, length), end, skippedTo: null, isAtEnd: isWholeFile };
    if (length >= maxLineBytes) return skipLine(file, start + length, stepBytes);
  }
}

/** A line without an end in so many bytes has none: a file that is all hole would be read for an hour. */
const MAX_SKIPPED_BYTES = 1024 * 1024 * 1024;

/** Finds the end of a line that is too long to keep. Without an end, the line is torn and waits. */
async function skipLine(file: Transcript, from: number, stepBytes: number): Promise<WholeLines> {
  const buffer = Buffer.allocUnsafe(stepBytes);
  const nothing = { buffer: buffer.subarray(0, 0), end: 0 };
  for (let position = from; position < from + MAX_SKIPPED_BYTES; position += buffer.length) {
    const length = await fill(file, buffer, position);
    const newline = buffer.subarray(0, length).indexOf(10);
    if (newline >= 0) return { ...nothing, skippedTo: position + newline + 1, isAtEnd: false };
    if (length < buffer.length) break;
  }
  return { ...nothing, skippedTo: null, isAtEnd: true };
}

/** Fills the buffer from the file. A read that returns less than was asked for has met the end of the file. */
async function fill(file: Transcript, buffer: Buffer, position: number): Promise<number> {
  return await file.read(buffer, buffer.length, position);
}

const markerCache = new WeakMap<LineFormat, Buffer[]>();

function markersOf(format: LineFormat): Buffer[] {
  const known = markerCache.get(format);
  if (known) return known;
  const markers = format.markers.map((marker) => Buffer.from(marker));
  markerCache.set(format, markers);
  return markers;
}
