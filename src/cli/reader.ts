import type { AddCommand } from './context/command-context.js';

export const addReader: AddCommand = (program, { env }) => {
  program
    .command('reader')
    .description("Read clients' usage into the database of server mode, while agents are connected: they start it")
    .action(async () => {
      const { runReader } = await import('../app/run-reader.js');
      process.exit(await runReader(env));
    });
};
