import { AppError } from '../../errors.js';

/**
 * Runs long work that Ctrl-C, or SIGTERM, may end between two of its steps.
 * @param left what is true then, and what to do
 * @throws AppError when it was ended
 */
export async function runUntilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>, left: string): Promise<T> {
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, interrupt);
  try {
    const result = await work(abort.signal);
    if (!abort.signal.aborted) return result;
  } catch (error) {
    // Work that was ended fails in some way of its own.
    if (!abort.signal.aborted) throw error;
  } finally {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, interrupt);
  }
  throw new AppError({ code: 'timeout', message: 'Interrupted.', fix: left });
}
