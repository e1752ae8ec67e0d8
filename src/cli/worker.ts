import { AppError } from '../errors.js';
import type { AddCommand } from './context/command-context.js';

const EXAMPLES = `
Examples:
  popstash worker embedding      any number of them
  popstash worker maintenance    one is enough`;

export const addWorker: AddCommand = (program, { env }) => {
  program
    .command('worker')
    .description('Run one worker in the foreground (server mode; the embedded server does the work of all)')
    .argument('<name>', 'which; an unknown name lists them')
    .addHelpText('after', EXAMPLES)
    .action(async (name: string) => {
      const { workerNames } = await import('../jobs/job-list.js');
      if (!workerNames.includes(name)) {
        throw new AppError({
          code: 'invalid_argument',
          message: `There is no worker ${name}.`,
          fix: `The workers are: ${workerNames.join(', ')}.`,
        });
      }
      const { runWorker } = await import('../app/run-worker.js');
      await runWorker(env, name);
    });
};
