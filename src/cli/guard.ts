import type { GuardOptions, GuardOutcome } from '../hooks/ask/run-guard.js';
import type { AddCommand } from './context/command-context.js';

export const addGuard: AddCommand = (program, { env }) => {
  const guard = program
    .command('guard')
    .description("Git's hooks: refuse a commit or push of files that another agent holds");
  guard
    .command('pre-commit')
    .description('Check the files that are staged in the current folder; exit code 1 refuses')
    .option('--data-dir <dir>', 'of the server that is asked')
    .option('--project <name>', 'as POPSTASH_PROJECT')
    .action(async (options: GuardOptions) => {
      const { guardStaged } = await import('../hooks/ask/run-guard.js');
      report(await guardStaged(env, options));
    });
  guard
    .command('pre-push')
    .description("Check the commits that are about to be pushed, as git names them on the hook's stdin")
    .argument('[remote]')
    .argument('[url]')
    .option('--data-dir <dir>', 'of the server that is asked')
    .option('--project <name>', 'as POPSTASH_PROJECT')
    .action(async (remote: string | undefined, url: string | undefined, options: GuardOptions) => {
      const { guardPushed } = await import('../hooks/ask/run-guard.js');
      report(await guardPushed(env, options, remote, url));
    });
};

function report({ message, isRefused }: GuardOutcome): void {
  if (message !== '') process.stderr.write(`${message}\n`);
  if (isRefused) process.exitCode = 1;
}
