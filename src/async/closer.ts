import type { Logger } from '../logger.js';
import { withTimeout } from './with-timeout.js';

/** What a process has opened, and the one order in which it is closed: what was opened last closes first. */
export interface Closer {
  /**
   * Registers what was just opened.
   * @param name for the log
   * @param limitMs after this long the next one is closed all the same, in ms
   */
  add(name: string, close: () => unknown, limitMs?: number): void;
  /** Closes everything, once. A failure or a time-out is logged and the rest is closed. Never rejects. */
  close(): Promise<void>;
}

/** What is not closed after this long, in ms, is left behind. */
const LIMIT_MS = 5_000;

/** The semantics of AsyncDisposableStack (Node 24), with a bound in time for each resource. */
export function createCloser(logger: Logger): Closer {
  const open: { name: string; close: () => unknown; limitMs: number }[] = [];
  let closing: Promise<void> | undefined;

  async function closeAll(): Promise<void> {
    for (let last = open.pop(); last; last = open.pop()) {
      const { name, close, limitMs } = last;
      try {
        await withTimeout(Promise.resolve(close()), limitMs);
      } catch (error) {
        logger.warn({ err: error, resource: name }, 'not closed cleanly');
      }
    }
  }

  return {
    add(name, close, limitMs = LIMIT_MS) {
      open.push({ name, close, limitMs });
    },
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}

/**
 * Opens several resources that belong together: when one can't be opened, those that are open are closed.
 * @param compose opens them and registers each as soon as it is open
 */
export async function openTogether<T extends object>(
  logger: Logger,
  compose: (closer: Closer) => Promise<T>,
): Promise<T & { close(): Promise<void> }> {
  const closer = createCloser(logger);
  try {
    return { ...(await compose(closer)), close: closer.close };
  } catch (error) {
    await closer.close();
    throw error;
  }
}
