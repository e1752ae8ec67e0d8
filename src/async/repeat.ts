import { createWakeablePause } from './wakeable-pause.js';

export interface Loop {
  /** Starts the next round now when the loop pauses. */
  wake(): void;
  /** Starts no further round. Resolves when the round under way has ended. */
  stop(): Promise<void>;
}

/**
 * Runs `work` again and again, one round at a time, the first at once.
 * @param work returns the pause until the next round, in ms
 * @param onFailure gets the error of a round that failed, and returns the pause
 */
export function repeat(work: () => Promise<number>, onFailure: (error: unknown) => number): Loop {
  const pause = createWakeablePause();
  let stopped = false;

  async function run(): Promise<void> {
    while (!stopped) {
      const ms = await work().catch(onFailure);
      if (!stopped && ms > 0) await pause.wait(ms);
    }
  }

  const running = run();
  return {
    wake: pause.wake,
    stop() {
      stopped = true;
      pause.wake();
      return running;
    },
  };
}
