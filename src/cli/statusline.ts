import type { AddCommand } from './context/command-context.js';

/** For the help: src/bin/main.ts runs it without the command line, since a client runs it again and again. */
const EXAMPLES = `
Examples:
  popstash init --statusline    has your client show it
  popstash statusline </dev/null`;

export const addStatusline: AddCommand = (program, { env }) => {
  program
    .command('statusline')
    .description(
      "Print one line about this window's agent: name, task, locks, cost; what a client shows as its status line. Starts nothing",
    )
    .option('--data-dir <dir>', 'of the server that is asked')
    .option('--project <name>', 'as POPSTASH_PROJECT')
    .addHelpText('after', EXAMPLES)
    .action(async ({ dataDir, project }: { dataDir?: string; project?: string }) => {
      const { showStatusLine } = await import('../hooks/ask/show-status-line.js');
      const flags = Object.entries({ '--data-dir': dataDir, '--project': project });
      await showStatusLine(
        env,
        flags.flatMap(([name, value]) => (value === undefined ? [] : [name, value])),
      );
    });
};
