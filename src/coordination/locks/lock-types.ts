import type { Pattern } from '../../globs/pattern-types.js';

/**
 * Glossary.
 * lock: an owner's claim on a path or glob. live: neither ended nor past its expiry.
 * owner: a session or, without one, the whole agent. A subagent's session and the one it came from are one owner.
 * token: rises with every grant in a project; a holder whose lock ended is known by its lower token.
 * conflict: a live lock, or an earlier position in the queue, of another owner that overlaps, unless both are shared.
 */
export type LockMode = 'exclusive' | 'shared';

/** `tool`: asked for; `hook`: claimed by an edit. */
export type LockOrigin = 'tool' | 'hook';

/** `disconnected`: with its agent; `forced`: by a person. */
export type LockEndReason = 'released' | 'expired' | 'disconnected' | 'forced';

export interface GrantedLock {
  id: string;
  pattern: string;
  mode: LockMode;
  token: number;
  acquiredAt: Date;
  expiresAt: Date;
}

export interface LockConflict {
  /** The requested pattern that met it. */
  requested: string;
  /** What the other one holds or waits for. */
  pattern: string;
  mode: LockMode;
  agentId: string;
  agentName: string;
  sessionId: string | null;
  task: string | null;
  since: Date;
  expiresAt: Date;
  lastActive: Date;
  /** Held by nobody yet: the other one queued for it before. */
  queued: boolean;
}

export interface AcquireRequest {
  patterns: readonly Pattern[];
  mode: LockMode;
  /** From the holder's last sign of life; the configured life when left out. */
  lifeSeconds?: number | undefined;
  /** Longest wait in the queue; 0 answers at once. */
  waitSeconds: number;
  origin: LockOrigin;
  /** Opens the actor's session with this task, in the same transaction. */
  task?: string | undefined;
  /** Ends the wait. */
  signal?: AbortSignal | undefined;
  /** Called about every second of a wait. */
  onWait?: ((waited: { seconds: number; conflicts: LockConflict[] }) => void) | undefined;
}

/** All or nothing: either everything is granted or there are conflicts. */
export interface AcquireOutcome {
  granted: GrantedLock[];
  conflicts: LockConflict[];
  /** The wait was refused: those in the way wait for this owner. */
  cycle: boolean;
  /** The database's clock, to count ages from. */
  now: Date;
}

export interface LiveLock extends GrantedLock {
  agentId: string;
  agentName: string;
  sessionId: string | null;
  task: string | null;
  origin: LockOrigin;
  key: string;
  isGlob: boolean;
  lastActive: Date;
}

export interface EndedLock {
  id: string;
  pattern: string;
  agentId: string;
}

/** A position in the queue. */
export interface LockWaiter {
  id: string;
  patterns: string[];
  mode: LockMode;
  agentId: string;
  agentName: string;
  sessionId: string | null;
  task: string | null;
  /** Owners (sessions, or agents without one) of what stands in its way. */
  waitsFor: string[];
  queuedAt: Date;
}
