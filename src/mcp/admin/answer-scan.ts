import type { ReadProgress, TranscriptReader } from '../../accountability/reader/reader-types.js';
import { atIntervals } from './at-intervals.js';
import type { LedgerAnswer, LedgerRequest } from './ledger-protocol.js';

/** What reading all files of clients takes. */
export interface Scanning {
  transcripts: Pick<TranscriptReader, 'readAll'>;
  /** Adds up what is new: else the first question about costs would have all of it to add up. */
  rollUp(signal: AbortSignal): Promise<unknown>;
  signal: AbortSignal;
  onProgress(message: string, done: number, total: number): void;
}

/** Reads what clients have written on this machine. */
export async function answerScan(
  { transcripts, rollUp, signal, onProgress }: Scanning,
  { client, folder }: LedgerRequest<'scan'>['params'],
): Promise<LedgerAnswer<'scan'>> {
  const report = atIntervals((progress: ReadProgress) =>
    onProgress(describeReading(progress), progress.bytesRead, progress.bytes),
  );
  const summary = await transcripts.readAll({ client, folder, signal, onProgress: report });
  if (summary.newRequests > 0) await rollUp(signal);
  return {
    files_found: summary.filesFound,
    files_read: summary.filesRead,
    files_busy: summary.filesBusy,
    files_not_read: summary.filesNotRead,
    bytes_read: summary.bytesRead,
    new_requests: summary.newRequests,
    changed_requests: summary.updated,
    bad_rows: summary.badRows,
    long_lines: summary.longLines,
    not_read: summary.notRead,
  };
}

function describeReading({ filesRead, files, bytesRead, bytes, newRequests }: ReadProgress): string {
  const megabytes = (count: number) => (count / 1_000_000).toFixed(count < 10_000_000 ? 1 : 0);
  return `${filesRead} of ${files} files, ${megabytes(bytesRead)} of ${megabytes(bytes)} MB, ${newRequests} new requests`;
}
