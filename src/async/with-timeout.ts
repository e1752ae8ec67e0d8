/** The work did not end in time. It goes on, and its outcome is ignored. */
export class TimeoutError extends Error {
  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
    this.name = 'TimeoutError';
  }
}

/**
 * Awaits `work` for at most `timeoutMs`. What the work does afterwards is ignored, a rejection too.
 * @param describe makes the error of a time-out, where callers need a more precise one than TimeoutError
 * @throws TimeoutError, or the error that `describe` makes
 */
export async function withTimeout<T>(
  work: Promise<T>,
  timeoutMs: number,
  describe: (timeoutMs: number) => Error = (ms) => new TimeoutError(ms),
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(describe(timeoutMs)), timeoutMs);
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
