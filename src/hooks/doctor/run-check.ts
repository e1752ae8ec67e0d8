import { AppError } from '../../errors.js';
import { wordError } from '../../word-error.js';

/** One part as `popstash doctor` found it. */
export interface Check {
  name: string;
  state: 'ok' | 'warning' | 'broken';
  detail: string;
  /** What to do, where something is not as it should be. */
  fix?: string;
}

/** What a check found: `ok` unless it says otherwise. */
export type Finding = Omit<Check, 'name' | 'state'> & { state?: Check['state'] };

/** Runs one check; what it throws is a part that is broken. */
export async function runCheck(name: string, find: () => Promise<Finding>): Promise<Check> {
  try {
    return { name, state: 'ok', ...(await find()) };
  } catch (error) {
    return failedCheck(name, error);
  }
}

/** A part that could not be checked, or that is broken by the error. */
export function failedCheck(name: string, error: unknown): Check {
  if (error instanceof AppError) return { name, state: 'broken', detail: error.message, fix: error.fix };
  return { name, state: 'broken', detail: wordError(error) };
}
