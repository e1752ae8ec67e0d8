import * as z from 'zod';
import type { UsageRecord } from '../usage.js';
import { documentStateSchema, readDocument } from './read-document.js';
import { type LineLimits, lineStateSchema, readLines } from './read-lines.js';
import type { ClientSource, UsageFile } from './source-types.js';

/** Rows of a database read in one step. */
const MAX_DATABASE_ROWS = 5000;

/** How far a file was read, as JSON. Another version of this form means to read the file again. */
export const fileStateSchema = z.discriminatedUnion('format', [
  lineStateSchema.extend({ version: z.literal(1), format: z.literal('lines') }),
  documentStateSchema.extend({ version: z.literal(1), format: z.literal('document') }),
  z.object({ version: z.literal(1), format: z.literal('database'), saved: z.json() }),
]);
export type FileState = z.infer<typeof fileStateSchema>;

export interface UsageStep {
  records: UsageRecord[];
  /** Store it together with the records, in one transaction: an interrupted reading then loses and repeats nothing. */
  state: FileState | null;
  /** False if there is more to read at once. */
  isAtEnd: boolean;
  /** The file was replaced, cut or never read: reading begins at its start. What was read before stays. */
  isRestarted: boolean;
  badRows: number;
  longLines: number;
  /** Why the file was not read, in words for people; null if it was. */
  notRead: string | null;
}

/**
 * Reads the next part of a file. Call it until `isAtEnd`; call it again after every sign of activity. Reading a part twice is
 * harmless, since records of one request are merged.
 * @param saved the state of the last step, as stored; null for a new file. A state of an unknown form counts as none.
 * @throws the file system's error if the file cannot be opened
 */
export async function readUsageFile(
  source: ClientSource,
  file: UsageFile,
  saved: unknown,
  limits: LineLimits & { maxRows?: number } = {},
): Promise<UsageStep> {
  const known = fileStateSchema.safeParse(saved);
  const state = known.success && known.data.format === file.format ? known.data : null;
  const nothing = { isAtEnd: true, isRestarted: false, badRows: 0, longLines: 0, notRead: null };
  if (file.format === 'lines' && source.lines) {
    const step = await readLines(file, source.lines, state?.format === 'lines' ? state : null, limits);
    return { ...nothing, ...step, state: step.state && { ...step.state, version: 1, format: 'lines' } };
  }
  if (file.format === 'document' && source.document) {
    const step = await readDocument(file, source.document, state?.format === 'document' ? state : null);
    return { ...nothing, ...step, state: step.state && { ...step.state, version: 1, format: 'document' } };
  }
  if (file.format === 'database' && source.database) {
    const last = state?.format === 'database' ? state.saved : null;
    const reading = await source.database.read(file.path, last, limits.maxRows ?? MAX_DATABASE_ROWS);
    if (reading.kind === 'not-read') return { ...nothing, records: [], state, notRead: reading.reason };
    const { records, isAtEnd, badRows } = reading;
    return {
      ...nothing,
      records,
      isAtEnd,
      badRows,
      state: { version: 1, format: 'database', saved: z.json().parse(reading.saved) },
    };
  }
  return { ...nothing, records: [], state, notRead: `${source.client} has no files of the form "${file.format}"` };
}
