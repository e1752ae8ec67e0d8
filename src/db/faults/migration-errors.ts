import { AppError } from '../../errors.js';
import { readFailure } from './read-failure.js';
import { translateDatabaseError } from './translate-error.js';

/** Migrations that this version does not have are of a later one: its tables are not what this code expects. */
export function describeNewer([first = '', ...others]: readonly string[]): AppError {
  const more = others.length > 0 ? ` and ${others.length} more` : '';
  return new AppError({
    code: 'conflict',
    message: `The database is of a newer PopStash: it has the migration ${first}${more}, which this version does not know. Nothing was changed.`,
    fix: 'Update this PopStash, or restore a backup from before its last update: a database does not go back to an older version.',
  });
}

/** PopStash itself applies a migration whole or not at all; other tools do not, and a person may have stopped one. */
export function describeHalfApplied(name: string): AppError {
  return new AppError({
    code: 'conflict',
    message: `The migration ${name} was begun by another tool and did not finish. Nothing was changed.`,
    fix: `Restore the backup from before it. Or, where nothing of it is in the database, run this in it: UPDATE _prisma_migrations SET rolled_back_at = now() WHERE migration_name = '${name}' AND finished_at IS NULL; then popstash migrate.`,
  });
}

/** What is told of a migration that PostgreSQL refused; its transaction was rolled back. */
export function describeFailedMigration(name: string, error: unknown): AppError {
  const { code, message } = readFailure(error);
  const translated = translateDatabaseError(error);
  const isOurs = translated instanceof AppError;
  if (isOurs && code === '42501') {
    return new AppError({
      code: 'database_unavailable',
      message: `The migration ${name} needs a right that this role does not have (${message}). Nothing of it was kept.`,
      fix: 'Run popstash migrate with the DATABASE_URL of the role that owns the tables (psql: \\dt shows it), or of the owner of the database.',
      cause: error,
    });
  }
  // Of what a migration itself lacks it would be no help to say: migrate.
  if (isOurs && translated.code !== 'not_ready') return translated;
  return new AppError({
    code: 'internal',
    message: `The migration ${name} failed: ${message}${code === '' ? '' : ` (SQLSTATE ${code})`}. Nothing of it was kept.`,
    fix: 'The tables are as they were before it. If somebody has changed them by hand, undo that; else report this as a bug of PopStash.',
    cause: error,
  });
}
