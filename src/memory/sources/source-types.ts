import type { MemoryKind } from '../memory-types.js';
import type { ImportRecord } from '../transfer/transfer-types.js';

/** What was read of a file or folder. */
export interface SourceReading {
  records: ImportRecord[];
  /** Parts that could not be read. */
  problems: SourceProblem[];
}

export interface SourceProblem {
  /** A file, or a line of it. */
  where: string;
  reason: string;
}

/** What a source says of a memory; the rest is empty. */
export type SourceMemory = { kind: MemoryKind; key: string; text: string } & Partial<
  Omit<ImportRecord, 'kind' | 'text' | 'provenance'>
>;

/** A memory of another format as the import takes it. */
export function toRecord(source: string, { key, ...memory }: SourceMemory): ImportRecord {
  return {
    id: null,
    name: null,
    reasoning: null,
    tags: [],
    files: [],
    metadata: {},
    author: { id: null, name: source },
    sessionId: null,
    version: null,
    createdAt: null,
    expiresAt: null,
    supersededBy: null,
    supersededAt: null,
    supersedes: [],
    ...memory,
    provenance: { source, key },
  };
}
