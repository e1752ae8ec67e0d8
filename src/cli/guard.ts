import type { GuardOptions, GuardOutcome } from '../hooks/ask/run-guard.js';
import type { AddCommand } from './context/command-context.js';
import { writeError } from './terminal/write-error.js';

const EXAMPLES = `
Examples:
  popstash guard pre-commit                          what git's hook runs
  POPSTASH_OVERRIDE="she is away" git commit …       a person goes on all the same; the holder is told`;

export const addGuard: AddCommand = (program, { env, word }) => {
  const guard = program
    .command('guard')
    .description("Git's hooks: refuse a commit or push of files that another agent holds")
    .addHelpText('after', EXAMPLES);
  guard
    .command('pre-commit')
    .description('Check the files that are staged in the current folder; exit code 1 refuses')
    .option('--data-dir <dir>', 'of the server that is asked')
    .option('--project <name>', 'as POPSTASH_PROJECT')
    .option('--framework', 'run by the framework pre-commit: its variables say what is checked')
    .addHelpText('after', EXAMPLES)
    .action(async ({ framework, ...options }: GuardOptions & { framework?: boolean }) => {
      const { guardStaged } = await import('../hooks/ask/run-guard.js');
      if (!framework) return report(await guardStaged(env, { ...options, word }));
      const { guardInFramework } = await import('../hooks/ask/guard-in-framework.js');
      report(await guardInFramework(env, { ...options, word }));
    });
  guard
    .command('pre-merge-commit')
    .description('Check a merge that git is about to commit')
    .option('--data-dir <dir>', 'of the server that is asked')
    .option('--project <name>', 'as POPSTASH_PROJECT')
    .addHelpText('after', EXAMPLES)
    .action(async (options: GuardOptions) => {
      const [{ guardStaged }, { listMerged }] = await Promise.all([
        import('../hooks/ask/run-guard.js'),
        import('../hooks/ask/list-commit-files.js'),
      ]);
      report(await guardStaged(env, { ...options, word }, listMerged(env)));
    });
  guard
    .command('reference-transaction')
    .description("Check the commits that git is about to put on a branch, as git names them on the hook's stdin")
    .argument('[state]')
    .option('--data-dir <dir>', 'of the server that is asked')
    .option('--project <name>', 'as POPSTASH_PROJECT')
    .addHelpText('after', EXAMPLES)
    .action(async (state: string | undefined, options: GuardOptions) => {
      // The other states tell what has happened.
      if (state !== 'prepared') return;
      const { guardRefs } = await import('../hooks/ask/run-guard.js');
      report(await guardRefs(env, { ...options, word }));
    });
  guard
    .command('pre-push')
    .description("Check the commits that are about to be pushed, as git names them on the hook's stdin")
    .argument('[remote]')
    .argument('[url]')
    .option('--data-dir <dir>', 'of the server that is asked')
    .option('--project <name>', 'as POPSTASH_PROJECT')
    .addHelpText('after', EXAMPLES)
    .action(async (remote: string | undefined, url: string | undefined, options: GuardOptions) => {
      const { guardPushed } = await import('../hooks/ask/run-guard.js');
      report(await guardPushed(env, { ...options, word }, remote, url));
    });
};

function report({ message, isRefused }: GuardOutcome): void {
  if (message !== '') writeError(message);
  if (isRefused) process.exitCode = 1;
}
