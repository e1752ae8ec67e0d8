import { AppError } from '../errors.js';
import type { HookRequest } from '../ipc/control-protocol.js';
import type { AddCommand, CommandContext } from './command-context.js';

/** A commit may wait longer than an edit, in ms. */
const TIMEOUT_MS = 5_000;
/** Pause before a server that gave no verdict is asked once more, in ms. */
const AGAIN_MS = 250;

interface GuardOptions {
  dataDir?: string;
  project?: string;
}

export const addGuard: AddCommand = (program, context) => {
  const guard = program
    .command('guard')
    .description("Git's hooks: refuse a commit or push of files that another agent holds");
  guard
    .command('pre-commit')
    .description('Judge the files that are staged in the current folder; exit code 1 refuses')
    .option('--data-dir <dir>', 'of the server that is asked')
    .option('--project <name>', 'as POPSTASH_PROJECT')
    .action(async (options: GuardOptions) => {
      const { listStagedFiles } = await import('../hooks/ask/list-commit-files.js');
      await judge(context, 'pre-commit', options, listStagedFiles);
    });
  guard
    .command('pre-push')
    .description("Judge the commits that are about to be pushed, as git names them on the hook's stdin")
    .argument('[remote]')
    .argument('[url]')
    .option('--data-dir <dir>', 'of the server that is asked')
    .option('--project <name>', 'as POPSTASH_PROJECT')
    .action(async (remote: string | undefined, _url: string | undefined, options: GuardOptions) => {
      const [{ listPushedFiles }, { readFileSync }] = await Promise.all([
        import('../hooks/ask/list-commit-files.js'),
        import('node:fs'),
      ]);
      const refs = process.stdin.isTTY ? '' : readFileSync(0, 'utf8');
      await judge(context, 'pre-push', options, (top) => listPushedFiles(top, remote, refs));
    });
};

/** Sets exit code 1 and says why on stderr when the commit or push must not be. */
async function judge(
  { env }: CommandContext,
  event: 'pre-commit' | 'pre-push',
  options: GuardOptions,
  list: (top: string) => string[],
): Promise<void> {
  const { chooseDataDir, chooseGuard, chooseMode } = await import('../config.js');
  const mode = chooseGuard(env);
  if (mode === 'off') return;
  const [{ askAboutFiles }, { listEndpoints }, { findTop }] = await Promise.all([
    import('../hooks/ask/ask-about-files.js'),
    import('../ipc/list-endpoints.js'),
    import('../hooks/ask/list-commit-files.js'),
  ]);
  const top = readGit(() => findTop(process.cwd()));
  const files = readGit(() => list(top));
  if (files.length === 0) return;
  const request: HookRequest = {
    popstash: 'hook',
    version: '1',
    pid: process.pid,
    event,
    client: 'git',
    cwd: top,
    project: options.project ?? env.POPSTASH_PROJECT,
    override: env.POPSTASH_OVERRIDE,
  };
  const dataDir = chooseDataDir({ ...env, POPSTASH_DATA_DIR: options.dataDir ?? env.POPSTASH_DATA_DIR });
  const started = performance.now();
  const left = () => TIMEOUT_MS - (performance.now() - started);
  const ask = () => askAboutFiles(listEndpoints(dataDir, chooseMode(env)), request, files, left());
  let answer = await ask();
  // A moment's trouble of the database must not decide over a commit, whichever way.
  while (answer === 'silent' && left() > AGAIN_MS) {
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    answer = await ask();
  }
  if (typeof answer === 'object') {
    if (answer.message !== undefined) process.stderr.write(`${answer.message}\n`);
    if (answer.decision === 'deny') process.exitCode = 1;
    return;
  }
  if (mode === 'advisory' || env.POPSTASH_OVERRIDE !== undefined) {
    if (answer === 'silent') {
      process.stderr.write(
        'PopStash did not judge this: its server does not answer (popstash doctor says more). It goes on all the same.\n',
      );
    }
    return;
  }
  const why = answer === 'absent' ? 'no server of it runs' : 'its server does not answer';
  process.stderr.write(
    `PopStash can't tell whether these files are free: ${why}, and POPSTASH_GUARD is "guarded".\n` +
      `Start it (popstash up), look what is wrong (popstash doctor), or go on all the same: POPSTASH_OVERRIDE="reason" git …\n`,
  );
  process.exitCode = 1;
}

function readGit<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new AppError({
      code: 'not_found',
      message: `git can't tell which files these are: ${error instanceof Error ? error.message.trim() : String(error)}`,
      fix: 'Run it in a git worktree, as its pre-commit or pre-push hook does (popstash init installs them).',
    });
  }
}
