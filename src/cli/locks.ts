import { askServer } from './context/ask-server.js';
import type { AddCommand } from './context/command-context.js';
import { isServerRunning, NOT_RUNNING } from './context/server-running.js';

const EXAMPLES = `
Examples:
  popstash locks                                                   who holds what, and who waits
  popstash locks release src/auth.ts --force --reason "it hangs"   takes it from its holder, who is told`;

export const addLocks: AddCommand = (program, context) => {
  const locks = program
    .command('locks')
    .description("List this project's locks and who waits for them")
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options: { json?: boolean }) => {
      if (!(await isServerRunning(context))) {
        context.write(options.json ? JSON.stringify({ running: false, locks: [], waits: [] }) : NOT_RUNNING);
        return;
      }
      const answer = await askServer(context, 'locks');
      if (options.json) context.write(JSON.stringify({ running: true, ...answer }));
      else context.write((await import('./output/describe-board.js')).describeLocks(answer, context.width).join('\n'));
    });
  locks
    .command('release')
    .description("Take locks from the agents that hold them; each holder is told, and it is on the project's timeline")
    .argument('<path...>', 'paths, folders or globs; what is held within them is released')
    .requiredOption('--force', 'they are not yours: say that you mean it')
    .option('--reason <text>', 'why; the holder reads it', 'no reason given')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], options: { reason: string; json?: boolean }, command) => {
      const { nameUser } = await import('../user-places.js');
      const params = {
        patterns: paths,
        reason: options.reason,
        by: nameUser(),
        pid: process.pid,
        cwd: process.cwd(),
      };
      const answer = await askServer(context, 'releaseLocks', params);
      // --json before or after the subcommand's name.
      const { json } = command.optsWithGlobals() as { json?: boolean };
      context.write(
        json ? JSON.stringify(answer) : (await import('./output/describe-board.js')).describeRelease(answer).join('\n'),
      );
      if (answer.released.length === 0) process.exitCode = 1;
    });
};
