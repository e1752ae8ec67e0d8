/** A lock, as notices name it. */
interface NoticedLock {
  id: string;
  pattern: string;
  token: number;
}

export interface AnnouncementFacts {
  message: string;
  announcement_id: string;
  /** Agent. */
  from: string;
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
  files: string[];
  /** Redacted, and cut. */
  command: string;
  /** Agent that ran it; `nobody` when it could not be told. */
  by: string;
  by_name?: string;
}

/** What is stored, by kind: the enum type notice_kind. Words are made where a notice is shown. */
export interface NoticeFacts {
  announcement: AnnouncementFacts;
  lock_lost: LockLostFacts;
  lock_expiring: LockExpiringFacts;
  shell_write: ShellWriteFacts;
}

/** What an agent is told with its next answer. */
export type Notice = {
  [Kind in keyof NoticeFacts]: { kind: Kind; facts: NoticeFacts[Kind]; createdAt: Date };
}[keyof NoticeFacts];
