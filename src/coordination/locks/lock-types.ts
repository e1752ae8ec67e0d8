import type { Pattern } from '../../globs/pattern-types.js';
import type { AgentFacts } from '../../text/word-agent.js';

/**
 * Glossary.
 * lock: an owner's claim on a path or glob. live: neither ended nor past its expiry.
 * owner: a session or, without one, the whole agent. A subagent's session and the one it came from are one owner.
 * token: rises with every grant in a project; a holder whose lock ended is known by its lower token.
 * conflict: a live lock, or an earlier position in the queue, of another owner that overlaps, unless both are shared.
 * board: the locks of one project; a file's board is that of the innermost repository that holds it.
 * warning: what would be a conflict if it were in the same worktree.
 */
export type LockMode = 'exclusive' | 'shared';

/** `tool`: asked for; `hook`: claimed by an edit. */
export type LockOrigin = 'tool' | 'hook';

/** `disconnected`: with its agent; `forced`: by a person. */
export type LockEndReason = 'released' | 'expired' | 'disconnected' | 'forced';

/** A pattern with the board and the worktree that it belongs to. */
export interface PlacedPattern extends Pattern {
  /** Id of the project. */
  board: string;
  /** Of that project: the git common directory, the folder, or the given name. */
  root: string;
  /** Absolute path of the worktree that the pattern is relative to. */
  worktree: string;
  /** As answers show it to its speaker. */
  shown: string;
  /** A literal of which no file exists. */
  isNew: boolean;
}

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
  /** What the other one holds or waits for, relative to its worktree. */
  pattern: string;
  /** Absolute path of that worktree. */
  worktree: string;
  /** Checked out there, as far as its files tell. */
  branch: string | null;
  mode: LockMode;
  agentId: string;
  /** That agent, at work on `task`. */
  holder: AgentFacts;
  sessionId: string | null;
  task: string | null;
  since: Date;
  expiresAt: Date;
  lastActive: Date;
  /** Held by nobody yet: the other one queued for it before. */
  queued: boolean;
}

export interface AcquireRequest {
  patterns: readonly PlacedPattern[];
  mode: LockMode;
  /** From the holder's last sign of life; the configured life when left out. */
  lifeSeconds?: number | undefined;
  /** Longest wait in the queue; 0 answers at once. */
  waitSeconds: number;
  origin: LockOrigin;
  /** Opens the actor's session with this task, in the same transaction. */
  task?: string | undefined;
  /** The call was cancelled: nothing is granted any more. */
  signal?: AbortSignal | undefined;
  /** Ends the wait, as if its time was over. */
  waitEnds?: AbortSignal | undefined;
  /** Called when the request begins to wait in the queue; what it returns is called when that wait ends. */
  onQueued?: (() => () => void) | undefined;
  /** Called now and then during a wait, first after a second, with the locks in the way as they were some seconds ago. */
  onWait?: ((waited: { seconds: number; conflicts: LockConflict[] }) => void) | undefined;
}

/** The session of a request with a task. `was`: the name of the task before; null for a session that this has opened. */
export interface BegunTask {
  session: string;
  was: string | null;
}

/** All or nothing: either everything is granted or there are conflicts. */
export interface AcquireOutcome {
  granted: GrantedLock[];
  /** Of these, ids of those that the owner did not hold before. */
  newIds: string[];
  /** Null for a request without a task, and with conflicts. */
  task: BegunTask | null;
  /** Those that are there longest, if there are many. */
  conflicts: LockConflict[];
  /** How many there are. */
  conflictCount: number;
  /** Locks of others on the same files in other worktrees, which were not in the way. */
  warnings: LockConflict[];
  /** The wait was refused: those in the way wait for this owner. */
  cycle: boolean;
  /** The database's clock, to count ages from. */
  now: Date;
}

export interface LiveLock extends GrantedLock {
  /** Id of the project whose board it is on. */
  board: string;
  agentId: string;
  agentName: string;
  /** That agent, at work on `task`. */
  holder: AgentFacts;
  sessionId: string | null;
  task: string | null;
  origin: LockOrigin;
  /** Absolute path of the worktree that the pattern is relative to. */
  worktree: string;
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
  /** That agent, about to do `task`. */
  holder: AgentFacts;
  sessionId: string | null;
  task: string | null;
  /** Owners (sessions, or agents without one) of what stands in its way. */
  waitsFor: string[];
  queuedAt: Date;
}

/** A live lock of the actor's own. */
export interface OwnLock extends Pattern {
  id: string;
  board: string;
  worktree: string;
}
