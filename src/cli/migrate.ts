import { AppError } from '../errors.js';
import type { AddCommand } from './context/command-context.js';

const EXAMPLES = `
Example:
  DATABASE_URL=postgres://… popstash migrate    once, and after each update`;

export const addMigrate: AddCommand = (program, { env, write }) => {
  program
    .command('migrate')
    .description('Create or update the tables in DATABASE_URL (server mode; the embedded server does it by itself)')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options: { json?: boolean }) => {
      const { parseConfig } = await import('../parse-config.js');
      const config = parseConfig(env);
      if (!config.databaseUrl) {
        throw new AppError({
          code: 'invalid_argument',
          message: 'DATABASE_URL is not set: the embedded server migrates its own data folder when it starts.',
          fix: 'Set DATABASE_URL to a PostgreSQL with pgvector 0.8 or newer.',
        });
      }
      const { createLogger } = await import('../logger.js');
      const { maskLogLine } = await import('../text/mask-log-line.js');
      const { migrateDatabase } = await import('../app/storage/migrate-database.js');
      const report = await migrateDatabase(config, createLogger(config.logLevel, 'migrate', maskLogLine));
      if (options.json) write(JSON.stringify(report));
      else
        write(
          report.applied.length > 0
            ? `Applied ${report.applied.join(', ')}.`
            : `Up to date (${report.present} migrations).`,
        );
    });
};
