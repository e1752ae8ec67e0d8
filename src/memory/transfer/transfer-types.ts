import type { MemoryKind } from '../memory-types.js';
import type { MemoryRecord } from '../records/record-types.js';

/** The format of `popstash export`, as imports name it. */
export const OWN_FORMAT = 'popstash';

/** Where a memory was first written: a format, and its key there. */
export interface Provenance {
  source: string;
  key: string;
}

/** A memory as an import is given it. What a source does not say is null or empty. */
export interface ImportRecord {
  kind: MemoryKind;
  provenance: Provenance;
  /** Of our own format: the id, kept where no other project has it. */
  id: string | null;
  name: string | null;
  text: string;
  reasoning: string | null;
  tags: string[];
  files: string[];
  metadata: Record<string, unknown>;
  /** `id` is null for an author whom the source names only. */
  author: { id: string | null; name: string } | null;
  sessionId: string | null;
  /** 1 by default. */
  version: number | null;
  /** Now by default. */
  createdAt: Date | null;
  expiresAt: Date | null;
  /** An id of our own format; null for what is live. */
  supersededBy: string | null;
  supersededAt: Date | null;
  /** Of our own format: ids of the versions that name this one as their successor. */
  supersedes: string[];
}

/**
 * `updated`: a new version of what an earlier import wrote. `duplicate`: it is here already, or was and was forgotten.
 * `changed_here`: the source has changed, but somebody here changed or forgot it too, so it is left as it is.
 * `refused`: it can't be stored.
 */
export type OutcomeKind = 'new' | 'updated' | 'duplicate' | 'changed_here' | 'refused';

export interface ImportOutcome {
  outcome: OutcomeKind;
  /** Of the memory here; null where there is none. */
  id: string | null;
  /** The name that it got, where its own was in use. */
  renamed: string | null;
  /** Kinds of secrets that were taken out. */
  redacted: string[];
  /** Why it was refused. */
  reason: string | null;
}

/** A memory with its provenance, as an export writes it. */
export interface ExportRecord extends MemoryRecord {
  /** Null where it was first written here. */
  provenance: Provenance | null;
}

export interface ImportRun {
  id: string;
  source: string;
  origin: string;
  importedBy: string;
  createdAt: Date;
  undoneAt: Date | null;
}
