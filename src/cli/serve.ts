import type { AddCommand } from './context/command-context.js';

export const addServe: AddCommand = (program, { env }) => {
  program
    .command('serve')
    .description('Be the local server, in the foreground: bridges and `popstash up` start it in the background')
    .action(async () => {
      const { runLocalServer } = await import('../app/run-server.js');
      process.exit(await runLocalServer(env));
    });
};
