export interface WaitOptions {
  /** Bound of a hang, in ms; generous, since no test depends on speed. */
  timeoutMs?: number;
  /** Pause between two looks, in ms. */
  intervalMs?: number;
}

/**
 * Looks at `condition` until it is truthy and returns that value.
 * @param what completes the message "waited … ms for"
 * @throws Error after the bound, with what the condition threw last, if it threw
 */
export async function waitUntil<T>(
  condition: () => T | Promise<T>,
  what: string,
  { timeoutMs = 60_000, intervalMs = 20 }: WaitOptions = {},
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let failure: unknown;
    try {
      const value = await condition();
      if (value) return value as Exclude<T, false | null | undefined | 0 | ''>;
    } catch (error) {
      failure = error;
    }
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`, { cause: failure });
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
