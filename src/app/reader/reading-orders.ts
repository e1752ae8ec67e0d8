import { createRepeatedReading, orderKey, type RepeatedReadingDeps } from '../../accountability/reader/read-again.js';
import type { ReadOrder } from '../../accountability/reader/reader-types.js';

/** Equal orders within this time are one, in ms. */
const COLLECT_MS = 1_000;

export interface ReadingOrders {
  /** Reads it soon, and once more a little later. */
  order(order: ReadOrder): void;
  /** Looks at all files. One look at a time: the first may take minutes. @throws the database's error */
  lookAtAll(): Promise<void>;
  /** Ends what is under way at its next step, and takes no more orders. */
  close(): Promise<void>;
}

/** What the queue does for the local server, in a process that runs no jobs. */
export function createReadingOrders(deps: RepeatedReadingDeps): ReadingOrders {
  const { transcripts, logger } = deps;
  const repeated = createRepeatedReading(deps);
  const stopping = new AbortController();
  const timers = new Map<string, NodeJS.Timeout>();
  let looking: Promise<unknown> | null = null;

  async function look(): Promise<void> {
    await transcripts.readAll({ signal: stopping.signal, isBackground: true });
  }

  return {
    order(order) {
      const key = orderKey(order);
      if (timers.has(key) || stopping.signal.aborted) return;
      const timer = setTimeout(() => {
        timers.delete(key);
        repeated.read(order).catch((error: unknown) => logger.warn({ err: error }, 'usage could not be read'));
      }, COLLECT_MS);
      timers.set(key, timer);
    },
    async lookAtAll() {
      // The one under way may have passed what is new.
      await looking?.catch(() => undefined);
      if (stopping.signal.aborted) return;
      looking = look();
      await looking;
    },
    async close() {
      stopping.abort();
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      await Promise.allSettled([looking, repeated.close()]);
    },
  };
}
