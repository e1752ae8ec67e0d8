import type { AddCommand } from './context/command-context.js';

const EXAMPLES = `
Example:
  popstash serve    to see its log; popstash logs shows that of one in the background`;

export const addServe: AddCommand = (program, { env }) => {
  program
    .command('serve')
    .description('Be the local server, in the foreground: bridges and `popstash up` start it in the background')
    .addHelpText('after', EXAMPLES)
    .action(async () => {
      const { runLocalServer } = await import('../app/run-server.js');
      process.exit(await runLocalServer(env));
    });
};
