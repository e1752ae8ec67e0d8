import { AppError } from '../errors.js';

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

const UNREACHABLE_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOENT',
]);
const UNREACHABLE_MESSAGES = [
  'timeout exceeded when trying to connect',
  'Connection terminated',
  'Client has encountered a connection error',
  'Query read timeout',
  'timeout expired',
];

/**
 * Gives an agent what it can act on: a database that is away becomes `database_unavailable`, a slow one `timeout`.
 * Anything else comes back as it was.
 */
export function translateDatabaseError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const e = error as DatabaseErrorLike;
  const state = e?.code ?? '';
  const message = e?.message ?? '';
  if (state === '57014') {
    return new AppError({
      code: 'timeout',
      message: 'The database did not finish within 2 seconds.',
      fix: 'Call again; if it keeps happening, ask the user to look at the load of the database.',
      retryable: true,
      cause: error,
    });
  }
  const unreachable =
    // 08: connection exceptions; 57P: shut down or starting; 53: out of connections, memory or disk.
    /^(08|57P|53)/.test(state) ||
    UNREACHABLE_CODES.has(state) ||
    UNREACHABLE_MESSAGES.some((part) => message.includes(part));
  if (!unreachable) return error;
  const detail = state === '53100' ? 'its disk is full' : message || state;
  return new AppError({
    code: 'database_unavailable',
    message: `The database can't be used right now (${detail}). Nothing was written.`,
    fix: 'Call again in a few seconds; if it stays away, ask the user to start PostgreSQL or to check DATABASE_URL.',
    retryable: true,
    cause: error,
  });
}
