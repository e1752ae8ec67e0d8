import type { UsageClient, UsageRecord } from '../usage.js';

/** What a client's files are found by. Passed in, so that nothing below reads the process's environment. */
export interface SourceEnvironment {
  home: string;
  platform: NodeJS.Platform;
  /** The environment's variables: clients let their folders be moved by them. */
  variables: Readonly<Record<string, string | undefined>>;
}

/** One file in which a client keeps usage. */
export interface UsageFile {
  client: UsageClient;
  path: string;
  /** Appended line by line; rewritten as a whole; or a database. */
  format: 'lines' | 'document' | 'database';
  /** The folder that the session works in, where the file's path tells it and its content does not. */
  cwd?: string;
}

/** What a reader knows of the file beside its content. */
export interface FileContext {
  path: string;
  /** When the file was made, ISO 8601; null where the file system does not say. */
  bornAt: string | null;
  /** As `UsageFile.cwd`. */
  cwd: string | null;
}

/** A reader of one file, between two rows. */
export interface RowReader {
  /**
   * @returns what the row says about requests; often nothing
   * @throws if the row is not of the client's form: the caller counts it and goes on
   */
  readRow(row: unknown): UsageRecord[];
  /** What the reader must know to go on later, as JSON. */
  save(): unknown;
}

/** How lines of a file are read. */
export interface LineFormat {
  /**
   * A line that holds none of these texts says nothing about usage and is not parsed. Each is a piece of a JSON string with
   * a quote at its end or start, as it stands in a key or value of the row itself. A line may hold one and still say nothing.
   */
  markers: readonly string[];
  /** The first line of the file is parsed in any case. */
  readsFirstLine?: boolean;
  /**
   * @param saved what `save` returned, or null at the start of a file
   * @throws if `saved` is of another form
   */
  open(saved: unknown, file: FileContext): RowReader;
}

/** How a file that its client rewrites as a whole is read. */
export interface DocumentFormat {
  /**
   * @param saved what the last reading returned as state, or null
   * @throws if the document is not of the client's form
   */
  read(document: unknown, saved: unknown, file: FileContext): DocumentRecords;
}

export interface DocumentRecords {
  records: UsageRecord[];
  /** What the next reading must know, as JSON. */
  saved: unknown;
  /** Rows that should say something and could not be read. */
  badRows: number;
}

/** How a client's database is read. */
export interface DatabaseFormat {
  /** Everything that changed since `saved`; at most `maxRows` rows of the client's. */
  read(path: string, saved: unknown, maxRows: number): Promise<DatabaseReading>;
}

export type DatabaseReading =
  | { kind: 'read'; records: UsageRecord[]; saved: unknown; isAtEnd: boolean; badRows: number }
  /** Nothing was read, and why: a sentence for people. */
  | { kind: 'not-read'; reason: string };

/** All that is known about one client: where its files are and how they are read. */
export interface ClientSource {
  client: UsageClient;
  /** Every file that may hold usage. A folder that is not there is none. */
  listFiles(environment: SourceEnvironment): Promise<UsageFile[]>;
  /** The files of one session, of which a hook named the main one: wherever they are, without a look at all others. */
  listSessionFiles?(path: string): Promise<UsageFile[]>;
  lines?: LineFormat;
  document?: DocumentFormat;
  database?: DatabaseFormat;
}
