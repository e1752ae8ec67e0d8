import { retry } from '../async/retry.js';
import { isUniqueViolation } from '../db/database-errors.js';
import { AppError } from '../errors.js';

/** Writers of one name compete for the next version number; the loser takes the one after. */
const MAX_ATTEMPTS = 12;

/**
 * Runs a write again when another writer of the same name or key came first.
 * @throws AppError `conflict` when that happens many times in a row.
 */
export async function retryOnConflict<T>(what: string, write: () => Promise<T>): Promise<T> {
  try {
    return await retry(write, { attempts: MAX_ATTEMPTS, isRetryable: isUniqueViolation });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new AppError({
      code: 'conflict',
      message: `${what} is being written by many agents at this moment.`,
      fix: 'Call again, or use another name.',
      retryable: true,
      cause: error,
    });
  }
}
