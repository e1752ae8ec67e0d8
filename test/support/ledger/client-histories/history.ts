import type { Grade, TokenCounts, UsageClient } from '../../../../src/accountability/usage.js';

/** What really happened: one model request, as a perfect witness would tell it. */
export interface TrueRequest {
  client: UsageClient;
  sessionId: string;
  agentId: string | null;
  model: string;
  at: string;
  tokens: TokenCounts;
  webSearches: number;
  grade: Grade;
  /** Exact, in pico-dollars; null for a model that nobody can price. */
  cost: bigint | null;
}

/** One change of a client's files, as its client makes it. */
export type FileChange =
  | { kind: 'append'; path: string; text: string }
  | { kind: 'replace'; path: string; text: string }
  | { kind: 'rename'; path: string; to: string }
  | { kind: 'sql'; path: string; sql: string }
  /** All that was written before is read first: what nobody saw cannot be counted. */
  | { kind: 'delete'; path: string };

/** A sequence of changes in which later ones build on earlier ones. Several strands run beside each other. */
export type Strand = FileChange[];

export interface History {
  strands: Strand[];
  truth: TrueRequest[];
  /** Variables of the environment that move the clients' folders. */
  variables: Record<string, string>;
  /** Damaged rows of usage in the files. */
  badRows: number;
}

/** Appends a row; sometimes torn, so that a reader may meet half of it. */
export function appendRow(path: string, row: object, tearAt: number | null = null): FileChange[] {
  const text = `${JSON.stringify(row)}\n`;
  if (tearAt === null) return [{ kind: 'append', path, text }];
  const cut = 1 + (tearAt % (text.length - 1));
  return [
    { kind: 'append', path, text: text.slice(0, cut) },
    { kind: 'append', path, text: text.slice(cut) },
  ];
}
