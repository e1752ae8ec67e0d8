// What a caller is told of an error of the database, and pools that a test closes.
import type { Pool } from 'pg';
import { pino } from 'pino';
import { expect } from 'vitest';
import { translateDatabaseError } from '../../../src/db/faults/translate-error.js';
import { createPool } from '../../../src/db/pool.js';
import { AppError } from '../../../src/errors.js';
import { closeAtFileEnd } from '../setup/resources.js';

const logger = pino({ level: 'silent' });

/** A pool of the product's own; closed at the file's end. */
export function openPool(url: string, options: Partial<Parameters<typeof createPool>[0]> = {}): Pool {
  const pool = createPool({ connectionString: url, size: 2, logger, ...options });
  closeAtFileEnd('pool', () => pool.end());
  return pool;
}

/** What a caller is told of that. */
export async function told(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => translateDatabaseError(thrown),
  );
  if (!(error instanceof AppError)) throw new Error('it is not told in our words', { cause: error });
  expect(error.message.length).toBeLessThan(400);
  expect(`${error.message} ${error.fix}`).not.toMatch(/ at .*:\d+:\d+|[\n\r]/);
  return error;
}

/** What each of them is about. */
export type Expected = Pick<AppError, 'code' | 'retryable'> & { message: RegExp; fix: RegExp };

export function expectTold(error: AppError, { message, fix, ...facts }: Expected): void {
  expect(error).toMatchObject(facts);
  expect(error.message).toMatch(message);
  expect(error.fix).toMatch(fix);
}

export const lasting = { code: 'database_unavailable', retryable: false } as const;
export const passing = { code: 'database_unavailable', retryable: true } as const;
