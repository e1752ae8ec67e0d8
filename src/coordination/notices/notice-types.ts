import type { AgentFacts } from '../../text/word-agent.js';

/** A lock, as notices name it. */
interface NoticedLock {
  id: string;
  pattern: string;
  token: number;
}

export interface AnnouncementFacts {
  message: string;
  announcement_id: string;
  /** Agent, and what was known of it then. */
  from: string;
  author?: Partial<AgentFacts>;
  /** The same of notices that an older version left. */
  name?: string;
  task?: string;
  files: string[];
}

/** Locks that the holder did not release itself, in the order of their patterns. */
export interface LockLostFacts {
  reason: 'expired' | 'forced';
  /** What the person said who forced it. */
  note?: string;
  locks: NoticedLock[];
}

/** Locks that were about to expire, in the order of their patterns. */
export interface LockExpiringFacts {
  /** Seconds without a sign of life of the session, at the time of the notice. */
  silent_seconds: number;
  locks: (Omit<NoticedLock, 'token'> & { session_id: string | null; expires_at: string })[];
}

/** Files that the agent holds, changed while another one ran a shell command. */
export interface ShellWriteFacts {
  /** At most MAX_NAMED_FILES of them. */
  files: string[];
  /** How many there are; as many as are named when it is missing. */
  count?: number;
  /** Absolute path of the worktree that they are in. */
  worktree?: string;
  /** Redacted, and cut. */
  command: string;
  /** Agent that ran it; `nobody` when it could not be told. */
  by: string;
  /** How texts name that agent, then. */
  by_name?: string;
  /** Others whose commands or edits ran meanwhile and may have made the change: the holder itself, or further agents. */
  or_by?: string[];
  /** Not all held files were compared. */
  partial?: boolean;
  /** In another clone than the holder's: its own files are as they were. */
  elsewhere?: boolean;
}

/** A commit or push of files that the agent holds, which a person let pass. */
export interface OverrideFacts {
  event: 'pre-commit' | 'pre-push';
  /** What the person said; missing where nothing was asked. */
  reason?: string;
  files: string[];
  count?: number;
}

/** A stash or insight of the agent, of which another agent saved a new version. */
export interface MemoryReplacedFacts {
  kind: 'stash' | 'insight' | 'decision';
  /** Of the agent's version, which is kept. */
  id: string;
  version: number;
  /** A stash's name, an insight's key. */
  name: string;
  replaced_by: string;
  /** Agent, and what was known of it then; missing where a person restored an older version. */
  by?: string;
  author?: Partial<AgentFacts>;
  /** The name in notices that an older version left. */
  by_name?: string;
  /** The beginning of the new text. */
  excerpt: string;
}

/** A decision that the agent was given. */
export interface SupersededFacts {
  decision_id: string;
  superseded_by: string;
}

/** A task that was ended because its session gave no sign of life for so long. */
export interface IdleTaskFacts {
  session_id: string;
  task: string;
  silent_seconds: number;
}

/** Files that a notice or a verdict names; of the others it tells the number. */
export const MAX_NAMED_FILES = 20;

/** What is stored, by kind: the enum type notice_kind. Words are made where a notice is shown. */
export interface NoticeFacts {
  announcement: AnnouncementFacts;
  lock_lost: LockLostFacts;
  lock_expiring: LockExpiringFacts;
  shell_write: ShellWriteFacts;
  guard_override: OverrideFacts;
  memory_replaced: MemoryReplacedFacts;
  superseded: SupersededFacts;
  task_idle: IdleTaskFacts;
}

/** What an agent is told with its next answer, or its next hook. */
export type Notice = {
  [Kind in keyof NoticeFacts]: { kind: Kind; facts: NoticeFacts[Kind]; createdAt: Date };
}[keyof NoticeFacts];
