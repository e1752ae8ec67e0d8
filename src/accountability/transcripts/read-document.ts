import * as z from 'zod';
import type { UsageRecord } from '../usage.js';
import { openTranscript, type Transcript } from './open-transcript.js';
import type { DocumentFormat, UsageFile } from './source-types.js';

/** A larger document is not read: its client would have stopped working long before. */
const MAX_DOCUMENT_BYTES = 128 * 1024 * 1024;

export const documentStateSchema = z.object({
  /** Inode, size and time of change of the file that was read: another means to read it again. */
  documentVersion: z.string(),
  saved: z.json(),
});
export type DocumentState = z.infer<typeof documentStateSchema>;

export interface DocumentReading {
  records: UsageRecord[];
  state: DocumentState | null;
  badRows: number;
  /** Why the document was not read, or null. */
  notRead: string | null;
}

/**
 * Reads a file that its client rewrites as a whole, if it changed.
 * @throws the file system's error if the file cannot be read
 */
export async function readDocument(
  { path, cwd }: UsageFile,
  format: DocumentFormat,
  state: DocumentState | null,
): Promise<DocumentReading> {
  const nothing = { records: [], state, badRows: 0 };
  const found = await openTranscript(path);
  const version = `${found.inode}-${found.size}-${found.changedAtMs}`;
  if (state?.documentVersion === version) return { ...nothing, notRead: null };
  if (found.size > MAX_DOCUMENT_BYTES) return { ...nothing, notRead: `larger than ${MAX_DOCUMENT_BYTES} bytes` };
  try {
    const document: unknown = JSON.parse(await readWhole(found));
    const context = { path, bornAt: found.bornAt, cwd: cwd ?? null };
    const { records, saved, badRows } = format.read(document, state?.saved ?? null, context);
    return { records, state: documentStateSchema.parse({ documentVersion: version, saved }), badRows, notRead: null };
  } catch (error) {
    // Half-written, perhaps: it is read again at the next look.
    return { ...nothing, notRead: error instanceof SyntaxError ? 'not JSON' : 'not of the form known' };
  }
}

async function readWhole(file: Transcript): Promise<string> {
  const buffer = Buffer.allocUnsafe(file.size);
  return buffer.toString('utf8', 0, await file.read(buffer, file.size, 0));
}
