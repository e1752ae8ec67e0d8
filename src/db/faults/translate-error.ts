import { AppError } from '../../errors.js';
import { findConnectionFault } from './connection-faults.js';
import { describeFault } from './describe-fault.js';
import { describeBusy, describeDamage, isDamage } from './embedded-errors.js';
import { type Fault, passing } from './fault.js';
import { type Failure, readFailure } from './read-failure.js';
import { STATE_FAULTS } from './state-faults.js';

/** SQLSTATEs: unlike EPIPE each has a digit. */
const STATE = /^(?=.*\d)[0-9A-Z]{5}$/;
/** Raised when a migration has changed what a prepared statement returns: it works on another connection. */
const STALE_STATEMENT = 'RevalidateCachedQuery';
const CHANGED_TABLES = passing(
  'The tables were changed while this process was connected',
  'Call again. If it goes on, restart the client: its server is older than the tables.',
);

/**
 * Gives an agent or a person what can be acted on, in our words: by its SQLSTATE, or by the code of Node or OpenSSL, an
 * error becomes an AppError that says whether anything can have been written, whether to call again, and what to do.
 * Anything else comes back as it was.
 */
export function translateDatabaseError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const failure = readFailure(error);
  if (isDamage(failure.code, failure.message)) return describeDamage(failure.message, error);
  const busy = describeBusy(failure.message);
  if (busy) return busy;
  const fault = findFault(failure);
  return fault ? describeFault(fault, failure.message || failure.code, error) : error;
}

/**
 * Whether a connection that was told so, and all that were made before, are of no more use: their server takes no writes, or
 * their prepared statements are of tables as they were.
 */
export function isConnectionOutdated(error: unknown): boolean {
  const { code, routine } = readFailure(error);
  return code === '25006' || (code === '0A000' && routine === STALE_STATEMENT);
}

/** Whether another host of a list may serve where this one failed: it is away, on its way, or takes no writes. */
export function isHostAway(error: unknown): boolean {
  const translated = translateDatabaseError(error);
  if (!(translated instanceof AppError) || translated.code !== 'database_unavailable') return false;
  return translated.retryable && !readFailure(error).code.startsWith('53');
}

function findFault(failure: Failure): Fault | undefined {
  const { code, routine } = failure;
  if (!STATE.test(code)) return findConnectionFault(failure);
  if (code === '0A000') return routine === STALE_STATEMENT ? CHANGED_TABLES : undefined;
  return STATE_FAULTS[code] ?? (/^(08|53|57)/.test(code) ? STATE_FAULTS[code.slice(0, 2)] : undefined);
}
