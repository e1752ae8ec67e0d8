import { readFile, stat } from 'node:fs/promises';
import * as z from 'zod';
import type { UsageRecord } from '../usage.js';
import { bornAt } from './born-at.js';
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
  const found = await stat(path);
  const version = `${found.ino}-${found.size}-${found.mtimeMs}`;
  if (state?.documentVersion === version) return { ...nothing, notRead: null };
  if (found.size > MAX_DOCUMENT_BYTES) return { ...nothing, notRead: `larger than ${MAX_DOCUMENT_BYTES} bytes` };
  try {
    const document: unknown = JSON.parse(await readFile(path, 'utf8'));
    const context = { path, bornAt: bornAt(found), cwd: cwd ?? null };
    const { records, saved, badRows } = format.read(document, state?.saved ?? null, context);
    return { records, state: documentStateSchema.parse({ documentVersion: version, saved }), badRows, notRead: null };
  } catch (error) {
    // Half-written, perhaps: it is read again at the next look.
    return { ...nothing, notRead: error instanceof SyntaxError ? 'not JSON' : 'not of the form known' };
  }
}
