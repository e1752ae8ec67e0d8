export interface RetryOptions {
  /** Times that the work is done in all, at least 1. */
  attempts: number;
  /** Whether the same work may succeed after this error. */
  isRetryable: (error: unknown) => boolean;
}

/**
 * Does the work again, at once, until it succeeds: for conflicts between writers, one of whom always wins.
 * @throws the error of the last attempt, or the first one that is not retryable
 */
export async function retry<T>(work: () => Promise<T>, { attempts, isRetryable }: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts || !isRetryable(error)) throw error;
    }
  }
}
