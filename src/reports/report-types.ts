import type { MemoryKind } from '../memory/memory-types.js';

/** Memories of one list at most. */
export const MAX_LISTED = 1_000;

/** A live memory as a list shows it. */
export interface ListedMemory {
  kind: MemoryKind;
  id: string;
  /** A stash's name, an insight's key, a decision's topic. */
  name: string | null;
  /** The beginning of its text, in one line. */
  excerpt: string;
  /** Null once the agent's row is gone. */
  author: { id: string; name: string } | null;
  createdAt: Date;
}

export interface MemoryList {
  /** Newest first. */
  memories: ListedMemory[];
  /** By the database's clock. */
  now: Date;
}

export interface ListFilter {
  /** All kinds when it is null. */
  kind: MemoryKind | null;
  /** Written from this moment on: as people write times (parse-moment.ts), in this time zone. */
  since: { text: string; timezone: string } | null;
  /** Name, in any case, or id of the agent that wrote it. */
  author: string | null;
  /** 1 to MAX_LISTED. */
  limit: number;
}

/**
 * What people read and nothing waits for: lists and reports, through Prisma Client. Loading it takes as long as loading
 * everything else (docs/decisions/prisma-at-run-time.md), so it is loaded at the first question.
 */
export interface Reports {
  listMemories(projectId: string, filter: ListFilter): Promise<MemoryList>;
  /** The pool stays open. */
  close(): Promise<void>;
}

/** Opens reports at the first call. */
export type OpenReports = () => Promise<Reports>;
