import type { UsageFile } from '../transcripts/source-types.js';
import type { FoundFile } from './find-files.js';
import type { ReadProgress, ReadSummary } from './reader-types.js';

/** Files that a summary names. */
const MAX_NAMED = 20;

/** The summary of a reading that begins. @param files those to read */
export function startSummary(files: readonly FoundFile[]): ReadSummary {
  return {
    filesFound: files.length,
    files: files.length,
    filesRead: 0,
    filesBusy: 0,
    filesNotRead: 0,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    bytesRead: 0,
    newRequests: 0,
    inserted: 0,
    updated: 0,
    merged: 0,
    badRows: 0,
    longLines: 0,
    notRead: [],
    isAborted: false,
  };
}

export function noteNotRead(summary: ReadSummary, { client, path }: UsageFile, reason: string): void {
  summary.filesNotRead += 1;
  if (summary.notRead.length < MAX_NAMED) summary.notRead.push({ client, path, reason });
}

export function progressOf({ files, filesRead, bytes, bytesRead, newRequests }: ReadSummary): ReadProgress {
  return { files, filesRead, bytes, bytesRead, newRequests };
}
