import { chooseMode, type Environment } from '../../config.js';
import { AppError } from '../../errors.js';

/** @throws AppError `invalid_argument` in server mode, whose database has tools of its own. @param tool what to run there */
export function refuseServerMode(env: Environment, tool: string): void {
  if (chooseMode(env) === 'embedded') return;
  throw new AppError({
    code: 'invalid_argument',
    message: 'DATABASE_URL is set: the database is on a PostgreSQL server, which has tools of its own for this.',
    fix: `Run: ${tool}`,
  });
}
