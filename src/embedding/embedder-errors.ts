import { AppError } from '../errors.js';
import type { ThreadError } from './thread-protocol.js';

/** An error of the model's thread, as this process throws it. */
export function fromThread(error: ThreadError): AppError {
  return new AppError({
    code: error.code ?? 'internal',
    message: error.message,
    fix: error.fix ?? 'Try again; if it goes on, the log names the text and the cause.',
    retryable: error.code === undefined,
  });
}

export function threadEnded(code: number, cause: unknown): AppError {
  return new AppError({
    code: 'internal',
    message: `The model's thread ended unexpectedly (${cause instanceof Error ? cause.message : `exit code ${code}`}).`,
    fix: 'Nothing to do: the next call starts it again, and passages without a vector are found by the sweep.',
    retryable: true,
    cause,
  });
}

export function embedderClosed(): AppError {
  return new AppError({
    code: 'not_ready',
    message: 'The embedding model is closed.',
    fix: 'Try again when PopStash is running again.',
    retryable: true,
  });
}
