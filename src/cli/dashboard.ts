import { randomBytes } from 'node:crypto';
import { AppError } from '../errors.js';
import type { AddCommand } from './context/command-context.js';

const EXAMPLES = `
Example:
  popstash dashboard    then open the link that it prints`;

export const addDashboard: AddCommand = (program, { env }) => {
  program
    .command('dashboard')
    .description('Serve Bull Board, read-only, on this machine, behind a token (server mode)')
    .addHelpText('after', EXAMPLES)
    .action(async () => {
      const { parseConfig } = await import('../parse-config.js');
      const config = parseConfig(env);
      if (!config.databaseUrl) {
        throw new AppError({
          code: 'invalid_argument',
          message: 'DATABASE_URL is not set: the dashboard shows the queues of server mode.',
          fix: 'Set DATABASE_URL, and REDIS_URL when jobs are on Redis, as for the workers.',
        });
      }
      const { createLogger } = await import('../logger.js');
      const { maskLogLine } = await import('../text/mask-log-line.js');
      const { openDashboard } = await import('../app/open-dashboard.js');
      const logger = createLogger(config.logLevel, 'dashboard', maskLogLine);
      const token = config.dashboard.token ?? randomBytes(24).toString('base64url');
      const dashboard = await openDashboard(config, token, logger);
      const link = `http://localhost:${dashboard.port}/queues`;
      // A token that somebody set is known to them, and logs are kept: only a made one is shown.
      process.stderr.write(`PopStash dashboard: ${config.dashboard.token ? link : `${link}?token=${token}`}\n`);
      await new Promise((resolve) => {
        process.once('SIGTERM', resolve);
        process.once('SIGINT', resolve);
      });
      await dashboard.close();
    });
};
