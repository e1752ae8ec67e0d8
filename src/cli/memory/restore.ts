import type { AddCommand } from '../context/command-context.js';

const EXAMPLES = `
Example:
  popstash timeline --type forget               what was forgotten, with ids in --json
  popstash restore insight_k3v0q8x2m1t7b5ra`;

export const addRestore: AddCommand = (program, context) => {
  program
    .command('restore <id>')
    .description('Bring a forgotten stash, insight or decision of this project back (within 30 days)')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, options: { json?: boolean }) => {
      const { askServer } = await import('../context/ask-server.js');
      const answer = await askServer(context, 'restore', { id });
      context.write(options.json ? JSON.stringify(answer) : `${id} is back.`);
    });
};
