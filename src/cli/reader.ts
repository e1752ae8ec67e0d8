import type { AddCommand } from './context/command-context.js';

const EXAMPLES = `
Example:
  popstash reader    to see its log; popstash logs --reader shows that of one in the background`;

export const addReader: AddCommand = (program, { env }) => {
  program
    .command('reader')
    .description(
      "Read clients' usage into the database of server mode, or a team's ledger, while agents are connected: they start it",
    )
    .addHelpText('after', EXAMPLES)
    .action(async () => {
      const [{ runReader }, { openTeamReader }] = await Promise.all([
        import('../app/run-reader.js'),
        import('../member/open-team-reader.js'),
      ]);
      process.exit(await runReader(env, openTeamReader));
    });
};
