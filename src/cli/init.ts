import { clients } from '../hooks/clients/client-list.js';
import { listMeasuredTitles } from '../hooks/clients/telemetry-files.js';
import type { AddCommand } from './context/command-context.js';
import type { InitOptions } from './install/init-options.js';

const CLIENTS = `${clients.map(({ name }) => name).join(', ')}, separated by commas`;

const STATUS_LINES = clients.flatMap(({ statusLine, title }) => (statusLine ? title : [])).join(', ');

const EXAMPLES = `
Examples:
  popstash init                    shows the changes to this project's files, and asks
  popstash init --client ${clients[0].name}    of one client only
  popstash init --undo             takes out what init has put in`;

export const addInit: AddCommand = (program, context) => {
  program
    .command('init')
    .description(
      "Connect this project's clients: MCP server, hooks, git guards, and the rules for agents; shows the changes first",
    )
    .option('--client <names>', `${CLIENTS} (default: those that are in use here)`)
    .option('--project', 'for all who share this project: its files name nothing of this machine (default)')
    .option('--user', 'for all projects and their subfolders: the files of your home folder, and no others')
    .option(
      '--local',
      "for this machine alone: the project's files name PopStash's launcher here, and git ignores new ones",
    )
    .option(
      '--measure-costs',
      `let clients send their own telemetry to PopStash, which then knows the cost of each request: ${listMeasuredTitles()}`,
    )
    .option(
      '--own-hooks',
      "where git's hooks are shared with other repositories: give this one hooks of its own, which run the shared ones",
    )
    .option(
      '--statusline',
      `show task, locks and cost in your status line, in all projects, and change nothing else: ${STATUS_LINES}`,
    )
    .option('--yes', 'make the changes without asking')
    .option('--verify', 'compare the files with what init wrote; changes nothing')
    .option('--undo', 'take out what init has put in, as popstash uninstall does')
    .option('--json', 'print the changes as JSON; made only with --yes')
    .addHelpText('after', EXAMPLES)
    .action(async (options: InitOptions) => {
      const { runInit } = await import('./install/run-init.js');
      await runInit(context, options);
    });
};

const UNINSTALL_EXAMPLES = `
Examples:
  popstash uninstall           shows what it takes out, and asks
  popstash uninstall --user    of the files of your home folder`;

export const addUninstall: AddCommand = (program, context) => {
  program
    .command('uninstall')
    .description('Take out what init has put into this project: every file is as it was before')
    .option('--client <names>', `${CLIENTS} (default: all of them)`)
    .option('--user', 'out of the files of your home folder instead, which init --user has written')
    .option('--yes', 'make the changes without asking')
    .option('--json', 'print the changes as JSON; made only with --yes')
    .addHelpText('after', UNINSTALL_EXAMPLES)
    .action(async (options: InitOptions) => {
      const { runInit } = await import('./install/run-init.js');
      await runInit(context, { ...options, undo: true });
    });
};
