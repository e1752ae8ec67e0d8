import { withTimeout } from '../../async/with-timeout.js';
import { translateDatabaseError } from '../../db/faults/translate-error.js';
import { AppError } from '../../errors.js';
import { wordError } from '../../word-error.js';
import type { Services } from '../services.js';

/** Longest wait of a call for storage that is still opening, in ms. */
const OPENING_TIMEOUT_MS = 20_000;

/** The services of one connection, which may still be opening. */
export interface ServiceAccess {
  /** Opens them at the first request; after a failure the next request tries again, since storage may be available by then. */
  open(): Promise<Services>;
  /** Null while they are not open. */
  current(): Services | null;
}

export function createServiceAccess(
  open: () => Promise<Services>,
  onOpened: (services: Services) => void,
): ServiceAccess {
  let opening: Promise<Services> | undefined;
  let current: Services | null = null;
  return {
    current: () => current,
    async open() {
      opening ??= open();
      try {
        current = await opening;
        onOpened(current);
        return current;
      } catch (error) {
        opening = undefined;
        throw error;
      }
    },
  };
}

/**
 * The services for one call, within a bounded time.
 * @throws AppError `not_ready` when storage is not open in time or can't be opened, and as the database refuses
 */
export async function awaitServices(access: ServiceAccess): Promise<Services> {
  const current = access.current();
  if (current) return current;
  try {
    return await withTimeout(access.open(), OPENING_TIMEOUT_MS, () =>
      notReady('Storage is still opening.', 'Call again in a few seconds.'),
    );
  } catch (error) {
    const translated = translateDatabaseError(error);
    if (translated instanceof AppError) throw translated;
    const why = wordError(error);
    const fix = 'Call again; if it stays so, ask the user to run: popstash status';
    throw notReady(`Storage could not be opened: ${why}`, fix, error);
  }
}

function notReady(message: string, fix: string, cause?: unknown): AppError {
  return new AppError({ code: 'not_ready', message, fix, retryable: true, cause });
}
