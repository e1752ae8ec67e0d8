import type { MemoryKind } from '../memory-types.js';

/** One version of a memory, whatever its kind, live or not. */
export interface MemoryRecord {
  kind: MemoryKind;
  id: string;
  version: number;
  /** A stash's name, an insight's key, a decision's topic. */
  name: string | null;
  /** A stash's summary, an insight's content, a decision itself. */
  text: string;
  /** Of a decision. */
  reasoning: string | null;
  /** Of an insight. */
  tags: string[];
  /** Of a stash. */
  files: string[];
  /** Of a stash. */
  metadata: Record<string, unknown>;
  /** Null once the agent's row is gone. */
  author: { id: string; name: string } | null;
  sessionId: string | null;
  createdAt: Date;
  /** Of a stash; null: never. */
  expiresAt: Date | null;
  supersededBy: string | null;
  supersededAt: Date | null;
  forgottenAt: Date | null;
  forgetReason: string | null;
}

/** What people see of a version among others. */
export interface VersionSummary {
  id: string;
  version: number;
  name: string | null;
  /** The beginning of its text. */
  excerpt: string;
  author: string | null;
  createdAt: Date;
  state: 'live' | 'superseded' | 'forgotten' | 'expired';
}

/** The state of a record, by the database's clock. */
export function stateOf(
  { supersededBy, forgottenAt, expiresAt }: Pick<MemoryRecord, 'supersededBy' | 'forgottenAt' | 'expiresAt'>,
  now: Date,
): VersionSummary['state'] {
  if (forgottenAt) return 'forgotten';
  if (supersededBy !== null) return 'superseded';
  return expiresAt && expiresAt <= now ? 'expired' : 'live';
}
