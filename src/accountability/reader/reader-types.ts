import type { RecordOutcome } from '../ledger/record-usage.js';
import type { UsageClient } from '../usage.js';

/** What to read, and how. */
export interface ReadRequest {
  /** Of this client only. */
  client?: UsageClient | undefined;
  /**
   * Looks in this folder instead of the places of the user: a home folder, or the folder in which the client itself keeps its
   * data, such as a copy of `~/.claude`. Absolute.
   */
  folder?: string | undefined;
  /** Nobody waits for it: it takes half of the time that it could. */
  isBackground?: boolean | undefined;
  /** Ends the reading at the next step; what was read is written. */
  signal?: AbortSignal | undefined;
  /** Called after each part that was written, and at the start and the end. */
  onProgress?: ((progress: ReadProgress) => void) | undefined;
}

/** How far a reading is. */
export interface ReadProgress {
  /** Files that have changed since they were read last. */
  files: number;
  filesRead: number;
  /** Sizes of those files, in bytes; what was read of them before counts as read. */
  bytes: number;
  bytesRead: number;
  /** Requests that were new. */
  newRequests: number;
}

/** What a reading did. */
export interface ReadSummary extends ReadProgress, RecordOutcome {
  /** All files of the clients, changed or not. */
  filesFound: number;
  /** Files that another reader has now: it reads them. */
  filesBusy: number;
  /** Rows that should say something about usage and could not be read. */
  badRows: number;
  /** Lines that were passed over for their length. */
  longLines: number;
  /** Files that could not be read, the first few of them. */
  notRead: { client: UsageClient; path: string; reason: string }[];
  filesNotRead: number;
  /** The signal ended it. */
  isAborted: boolean;
}

/** One session to look at, or all files of a client, or all. */
export interface ReadOrder {
  /** Of an unknown client nothing is read. */
  client?: string | undefined;
  /** A transcript that a hook named; only together with its client. */
  path?: string | undefined;
}

/** Reads clients' files into the ledger. */
export interface TranscriptReader {
  /**
   * Reads what is new in all files of the clients, or of one client. A file that has not changed costs a look at its size and
   * time. Any number of readers may run at once, in any number of processes.
   * @throws the database's error when entries can't be written; what was written before stays
   */
  readAll(request?: ReadRequest): Promise<ReadSummary>;
  /**
   * Reads what is new in the files of one session: the one that a hook named and those of its sub-agents. Without a path, or
   * where the client's files can't be told apart, all files of the client.
   * @throws as `readAll`
   */
  readOrder(order: ReadOrder, signal?: AbortSignal): Promise<ReadSummary>;
}
