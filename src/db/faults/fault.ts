import type { ErrorCode } from '../../errors.js';

/** What is told of a kind of database error. */
export interface Fault {
  code: ErrorCode;
  /** What is wrong, without a full stop: the database's own words follow in brackets. */
  what: string;
  fix: string;
  /** Whether the same call may succeed later without anybody's help. */
  retryable: boolean;
  /** The statement may have been carried out, and only its answer lost. */
  mayBeWritten?: true;
  /** The database's own words tell nothing more. */
  isWhole?: true;
}

/** Passes by itself. */
export function passing(what: string, fix: string): Fault {
  return { code: 'database_unavailable', what, fix, retryable: true };
}

/** Stays until a person acts. */
export function lasting(what: string, fix: string): Fault {
  return { code: 'database_unavailable', what, fix, retryable: false };
}
