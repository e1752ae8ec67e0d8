import { AppError } from '../../errors.js';
import type { Fault } from './fault.js';

/** @param detail the database's own words; '' for none */
export function describeFault(fault: Fault, detail: string, cause?: unknown): AppError {
  const { code, what, fix, retryable, mayBeWritten, isWhole } = fault;
  const words = detail === '' || isWhole ? what : `${what} (${detail.replace(/\.$/, '')})`;
  const written = mayBeWritten ? 'A write may or may not have been carried out.' : 'Nothing was written.';
  return new AppError({ code, message: `${words}. ${written}`, fix, retryable, cause });
}
