/** Between two looks at the clock, in ms. */
const TICK_MS = 500;

/**
 * Calls back when this process has run for so long: time in which it was stopped, or the machine slept, does not count, since
 * whatever is waited for did not run either.
 * @returns takes it back
 */
export function afterRunning(ms: number, callBack: () => void): () => void {
  let left = ms;
  let last = performance.now();
  const timer = setInterval(
    () => {
      const now = performance.now();
      left -= Math.min(now - last, 2 * TICK_MS);
      last = now;
      if (left > 0) return;
      clearInterval(timer);
      callBack();
    },
    Math.min(TICK_MS, ms),
  );
  return () => clearInterval(timer);
}
