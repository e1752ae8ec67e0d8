import type { AddCommand } from './command-context.js';

/** Internal: what bridges and `popstash up` start in the background. */
export const addServe: AddCommand = (program, { env }) => {
  program.command('serve', { hidden: true }).action(async () => {
    const { runLocalServer } = await import('../app/run-server.js');
    process.exit(await runLocalServer(env));
  });
};
