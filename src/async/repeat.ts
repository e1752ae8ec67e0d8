/**
 * Does something again and again, one at a time, from now on.
 * @param work returns the pause until the next time, in ms
 * @param onFailure is told why it failed and returns the pause
 */
export function repeat(
  work: () => Promise<number>,
  onFailure: (error: unknown) => number,
): { /** Resolves when what is under way has ended. */ stop(): Promise<void> } {
  let stopped = false;
  let wake: () => void = () => undefined;

  async function run(): Promise<void> {
    while (!stopped) {
      const ms = await work().catch(onFailure);
      if (stopped) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  const running = run();
  return {
    stop() {
      stopped = true;
      wake();
      return running;
    },
  };
}
