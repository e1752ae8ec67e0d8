import { CommanderError } from 'commander';
import { AppError } from '../../errors.js';
import { wordError } from '../../word-error.js';
import { writeError } from './write-error.js';

/** Exit codes of every command. */
const EXIT = { failed: 1, usage: 2 } as const;

export interface FailureWording {
  /** An unexpected failure is told with its stack. */
  isDebugging: boolean;
  /** Names commands as they work here. */
  word?: (text: string) => string;
}

/**
 * Tells on stderr why a command failed: what is wrong and what to do, a line each.
 * @returns the exit code: 0 for help, 2 for wrong usage, 1 for a failure
 */
export function reportFailure(error: unknown, { isDebugging, word = (text) => text }: FailureWording): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
  if (error instanceof AppError) {
    writeError(`popstash: ${word(error.message)}\n  ${word(error.fix)}`);
    return EXIT.failed;
  }
  writeError(`popstash: ${wordError(error)}`);
  const stack = error instanceof Error ? error.stack : undefined;
  writeError(isDebugging && stack ? stack : '  Set POPSTASH_LOG_LEVEL=debug to see where it happened.');
  return EXIT.failed;
}
