// What an agent is told when the database fails: above all whether its write can have been carried out.
import { expect, test } from 'vitest';
import { translateDatabaseError } from '../../src/db/faults/translate-error.js';

const failure = (message: string, code?: string) => Object.assign(new Error(message), code ? { code } : {});

test.each([
  failure('connect ECONNREFUSED 127.0.0.1:5432', 'ECONNREFUSED'),
  failure('timeout exceeded when trying to connect'),
  failure('sorry, too many clients already', '53300'),
  failure('could not extend file', '53100'),
  failure('the database system is starting up', '57P03'),
  failure('canceling statement due to statement timeout', '57014'),
])('nothing was written: $message', (error) => {
  expect(translateDatabaseError(error)).toMatchObject({
    retryable: true,
    message: expect.stringMatching(/Nothing was written\.$/),
  });
});

test.each([
  failure('Connection terminated unexpectedly'),
  failure('Query read timeout'),
  failure('read ECONNRESET', 'ECONNRESET'),
  failure('terminating connection due to administrator command', '57P01'),
])('a write may have been carried out: $message', (error) => {
  expect(translateDatabaseError(error)).toMatchObject({
    code: 'database_unavailable',
    retryable: true,
    message: expect.stringContaining('may or may not'),
    fix: expect.stringContaining('look first'),
  });
});

test('what is no failure of the database comes back as it was', () => {
  const bug = failure('null value in column "x" violates not-null constraint', '23502');
  expect(translateDatabaseError(bug)).toBe(bug);
});
