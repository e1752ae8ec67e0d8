import type { Signals } from '../../db/signal-types.js';

/** Locks also end without a signal (by the clock, by a death), and a signal may be lost: a waiter looks this often, in ms. */
const LOOK_MS = 500;

/**
 * Resolves when what the owner waits for may be free, when it is time for a look, or when the wait is over.
 * @param limitMs at most this long
 */
export function createTurnWaiter(signals: Signals, owner: string) {
  let wake: (() => void) | null = null;
  let signalled = false;
  const off = signals.on(`turn:${owner}`, () => {
    signalled = true;
    wake?.();
  });
  return {
    async wait(limitMs: number, signal: AbortSignal | undefined): Promise<void> {
      if (!signalled && !signal?.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.max(Math.min(LOOK_MS, limitMs), 1));
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
          signal?.addEventListener('abort', wake, { once: true });
        });
        if (wake) signal?.removeEventListener('abort', wake);
        wake = null;
      }
      signalled = false;
    },
    close: off,
  };
}
