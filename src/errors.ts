/**
 * Every failure that an agent or a person may meet, as a stable code.
 * The codes are part of the contract: add, never rename.
 */
export const ERROR_CODES = [
  'invalid_argument',
  'not_found',
  'conflict',
  'too_large',
  'database_unavailable',
  'timeout',
  'not_ready',
  'corrupt_model',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export interface AppErrorInput {
  code: ErrorCode;
  /** What went wrong, in plain words. */
  message: string;
  /** What to do next, naming real values. */
  fix: string;
  /** True when the same call may succeed later without any change. */
  retryable?: boolean;
  cause?: unknown;
}

/** An expected failure: carried to the caller as `{code, message, fix, retryable}`, never as a stack. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly fix: string;
  readonly retryable: boolean;

  constructor(input: AppErrorInput) {
    super(input.message, { cause: input.cause });
    this.name = 'AppError';
    this.code = input.code;
    this.fix = input.fix;
    this.retryable = input.retryable ?? false;
  }
}
