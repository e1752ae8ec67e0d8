import { askServer } from './context/ask-server.js';
import type { AddCommand } from './context/command-context.js';

export const addRestore: AddCommand = (program, context) => {
  program
    .command('restore <id>')
    .description('Bring a forgotten stash, insight or decision of this project back (within 30 days)')
    .option('--json', 'print the answer as JSON')
    .action(async (id: string, options: { json?: boolean }) => {
      const answer = await askServer(context, 'restore', { id });
      context.write(options.json ? JSON.stringify(answer) : `${id} is back.`);
    });
};
