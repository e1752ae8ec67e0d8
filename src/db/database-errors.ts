import { AppError } from '../errors.js';
import { describeBusy, describeDamage, isDamage } from './embedded-errors.js';

interface DatabaseErrorLike {
  code?: string;
  message?: string;
  constraint?: string;
}

/** SQLSTATE of a unique violation; `constraint` names the index. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  const e = error as DatabaseErrorLike;
  return e?.code === '23505' && (constraint === undefined || e.constraint === constraint);
}

/** The transaction was rolled back because of another one: it may be tried again at once. */
export function isSerializationFailure(error: unknown): boolean {
  return (error as DatabaseErrorLike)?.code === '40001';
}

/** Errors from before the statement was sent: nothing can have been written. */
const NEVER_SENT_CODES = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENOENT']);
const NEVER_SENT_MESSAGES = ['timeout exceeded when trying to connect', 'timeout expired'];
/** Errors from under a statement: it may have been committed, and only its answer lost. */
const BROKEN_CODES = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT']);
const BROKEN_MESSAGES = ['Connection terminated', 'Client has encountered a connection error', 'Query read timeout'];

/**
 * Gives an agent what it can act on: a database that is away becomes `database_unavailable`, a slow one `timeout`, and
 * the answer says whether anything can have been written. Anything else comes back as it was.
 */
export function translateDatabaseError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const e = error as DatabaseErrorLike;
  const state = e?.code ?? '';
  const message = e?.message ?? '';
  if (isDamage(state, message)) return describeDamage(message, error);
  const busy = describeBusy(message);
  if (busy) return busy;
  // 25P03: a transaction that stood idle was rolled back.
  if (state === '57014' || state === '25P03') {
    return new AppError({
      code: 'timeout',
      message: 'The database did not finish within 2 seconds. Nothing was written.',
      fix: 'Call again; if it keeps happening, ask the user to look at the load of the database.',
      retryable: true,
      cause: error,
    });
  }
  // 57P03: starting or stopping; 53: out of connections, memory or disk, and the statement was rolled back.
  const neverWritten =
    /^(57P03|53)/.test(state) || NEVER_SENT_CODES.has(state) || includesAny(message, NEVER_SENT_MESSAGES);
  // 08: connection exceptions; 57P: the server ended the session.
  const broken = /^(08|57P)/.test(state) || BROKEN_CODES.has(state) || includesAny(message, BROKEN_MESSAGES);
  if (!neverWritten && !broken) return error;
  const detail = state === '53100' ? 'its disk is full' : message || state;
  return new AppError({
    code: 'database_unavailable',
    message: neverWritten
      ? `The database can't be used right now (${detail}). Nothing was written.`
      : `The connection to the database broke during the call (${detail}). A write may or may not have been carried out.`,
    fix: neverWritten
      ? 'Call again in a few seconds; if it stays away, ask the user to start PostgreSQL or to check DATABASE_URL.'
      : 'Wait a few seconds and call again; after a write without a name or key, look first whether it is there (recall, get_decisions).',
    retryable: true,
    cause: error,
  });
}

function includesAny(text: string, parts: readonly string[]): boolean {
  return parts.some((part) => text.includes(part));
}
