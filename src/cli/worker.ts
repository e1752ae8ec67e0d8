import { Argument } from 'commander';
import type { AddCommand } from './command-context.js';

/** Each is a process of its own: importing it runs it. */
const workers = {
  embedding: () => import('../../workers/embedding.js'),
  'lock-expiry': () => import('../../workers/lock-expiry.js'),
  maintenance: () => import('../../workers/maintenance.js'),
};

export const addWorker: AddCommand = (program) => {
  program
    .command('worker')
    .description('Run one worker in the foreground (server mode; the embedded server does the work of all)')
    .addArgument(new Argument('<name>', 'which').choices(Object.keys(workers)))
    .action(async (name: keyof typeof workers) => {
      await workers[name]();
    });
};
