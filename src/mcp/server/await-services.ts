import { TimeoutError, withTimeout } from '../../async/with-timeout.js';
import { AppError } from '../../errors.js';
import type { Services } from '../services.js';

/** Longest wait of a call for storage that is still opening, in ms. */
const OPENING_TIMEOUT_MS = 20_000;

/**
 * Opens the services at the first request and keeps them; after a failure the next request tries again, since storage
 * may be available by then.
 */
export function createServiceAccess(
  open: () => Promise<Services>,
  onOpened: (services: Services) => void,
): () => Promise<Services> {
  let services: Promise<Services> | undefined;
  return async () => {
    services ??= open();
    try {
      const opened = await services;
      onOpened(opened);
      return opened;
    } catch (error) {
      services = undefined;
      throw error;
    }
  };
}

/**
 * The services for one call, within a bounded time.
 * @throws AppError `not_ready` when storage is not open in time or can't be opened
 */
export async function awaitServices(ready: () => Promise<Services>): Promise<Services> {
  try {
    return await withTimeout(ready(), OPENING_TIMEOUT_MS);
  } catch (error) {
    if (error instanceof AppError) throw error;
    const isLate = error instanceof TimeoutError;
    throw new AppError({
      code: 'not_ready',
      message: isLate
        ? 'Storage is still opening.'
        : `Storage could not be opened: ${error instanceof Error ? error.message : String(error)}`,
      fix: isLate ? 'Call again in a few seconds.' : 'Call again; if it stays so, ask the user to run: popstash status',
      retryable: true,
      cause: error,
    });
  }
}
