import { createWakeablePause } from '../../async/wakeable-pause.js';
import type { Signals } from '../../db/signal-types.js';

/** Locks also end without a signal (by the clock, by a death), and a signal may be lost: a waiter asks again this often, in ms. */
const POLL_MS = 500;

export interface QueueWaiter {
  /**
   * Resolves when what the owner waits for was granted or may be free, when it is time to ask again, or when the wait is over.
   * @param limitMs at most this long
   */
  wait(limitMs: number, signal: AbortSignal | undefined): Promise<void>;
  /** What was granted to this position in the queue, as the database told it; null when nothing was, as far as is known. */
  takeGrant(waiter: string): string | null;
  close(): void;
}

/** Waits for the signals of an owner that stands in the queue for locks. */
export function createQueueWaiter(signals: Signals, owner: string): QueueWaiter {
  const pause = createWakeablePause();
  let signalled = false;
  // By position: two calls of one owner may wait at once. A grant may be heard before the answer that names the position.
  const grants = new Map<string, string>();

  function hear(): void {
    signalled = true;
    pause.wake();
  }

  const offs = [
    signals.on(`retry:${owner}`, hear),
    signals.onPrefix(`granted:${owner}:`, (rest) => {
      const colon = rest.indexOf(':');
      grants.set(rest.slice(0, colon), rest.slice(colon + 1));
      hear();
    }),
  ];
  return {
    async wait(limitMs, signal) {
      if (!signalled && !signal?.aborted) {
        signal?.addEventListener('abort', pause.wake, { once: true });
        await pause.wait(Math.max(Math.min(POLL_MS, limitMs), 1));
        signal?.removeEventListener('abort', pause.wake);
      }
      signalled = false;
    },
    takeGrant: (waiter) => grants.get(waiter) ?? null,
    close() {
      for (const off of offs) off();
    },
  };
}
