import { homedir } from 'node:os';
import { chooseDataDir } from '../config.js';
import { AppError } from '../errors.js';
import { clients } from '../hooks/clients/client-list.js';
import { listMeasuredTitles } from '../hooks/clients/telemetry-files.js';
import { chooseClients, listClientNames } from '../hooks/install/choose-clients.js';
import type { FileChange, Target } from '../hooks/install/install-types.js';
import type { AddCommand, CommandContext } from './context/command-context.js';

interface InitOptions {
  client?: string;
  yes?: boolean;
  undo?: boolean;
  measureCosts?: boolean;
  user?: boolean;
  json?: boolean;
}

export const addInit: AddCommand = (program, context) => {
  program
    .command('init')
    .description(
      "Connect this project's clients: MCP server, hooks, git guards, and the rules for agents; shows the changes first",
    )
    .option('--client <names>', `${listClientNames()}, separated by commas (default: those that are in use here)`)
    .option(
      '--measure-costs',
      `let clients send their own telemetry to PopStash, which then knows the cost of each request: ${listMeasuredTitles()}`,
    )
    .option('--user', 'for all projects and their subfolders: the files of your home folder, and no others')
    .option('--yes', 'make the changes without asking')
    .option('--undo', 'take out what init has put in')
    .option('--json', 'print the changes as JSON; made only with --yes')
    .action((options: InitOptions) => runInit(context, options));
};

const MEASURE_NOTE =
  'costs are read from the files that clients write. init --measure-costs lets them also send their own telemetry to PopStash, on this machine, which tells every request.';

async function runInit(context: CommandContext, options: InitOptions): Promise<void> {
  const { env, write } = context;
  const [
    project,
    { findInvocation, listNotes },
    { listTargets, listUserTargets },
    measuring,
    records,
    files,
    { showDiff },
  ] = await Promise.all([
    import('../project/resolve-project.js'),
    import('../hooks/install/find-invocation.js'),
    import('../hooks/install/list-targets.js'),
    import('../hooks/install/measure-targets.js'),
    import('../hooks/install/install-record.js'),
    import('../hooks/install/change-files.js'),
    import('../hooks/install/show-diff.js'),
  ]);
  const { worktree } = project.resolveProject(process.cwd(), undefined);
  const isOfAll = options.undo === true && options.client === undefined;
  const start = findInvocation(env, context.script);
  const chosen = isOfAll ? clients : chooseClients(options.client, worktree);
  const targets = [
    ...(options.user ? listUserTargets(chosen, start) : listTargets(chosen, worktree, start)),
    ...(options.measureCosts || isOfAll ? measuring.measureTargets({ home: homedir(), env }) : []),
  ];
  const recordPath = records.findRecord(chooseDataDir(env), options.user ? homedir() : worktree);
  const record = records.readRecord(recordPath);
  const { changes, refused } = options.undo
    ? { changes: files.planRemoving(targets, record), refused: [] }
    : files.planAdding(targets);
  const notes = [
    ...listNotes(env, start),
    ...(measuring.isMeasured(env) || options.measureCosts ? [] : [MEASURE_NOTE]),
  ];

  if (!options.json) {
    for (const change of changes) write(`${showDiff(change)}\n`);
    for (const { path, reason } of refused) write(`${path} is left alone: ${reason}\n`);
    for (const note of options.undo ? [] : notes) write(`Note: ${note}\n`);
  }
  const isWanted = changes.length > 0 && (options.yes || (!options.json && (await confirm(changes))));
  if (isWanted && options.undo) {
    files.applyRemoving(changes, record, targets);
    records.writeRecord(recordPath, null);
  } else if (isWanted) records.writeRecord(recordPath, files.applyAdding(changes, record));
  if (options.json)
    write(JSON.stringify({ applied: isWanted === true, changes: changes.map(describe), refused, notes }));
  else write(conclude(changes, isWanted === true, targets, options));
  if (refused.length > 0) process.exitCode = 1;
}

function describe({ path, before, after }: FileChange): { path: string; action: string } {
  return { path, action: before === null ? 'create' : after === null ? 'delete' : 'change' };
}

async function confirm(changes: readonly FileChange[]): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new AppError({
      code: 'invalid_argument',
      message: `${changes.length} files would change, and there is no terminal to ask on.`,
      fix: 'Run it again with --yes to make these changes.',
    });
  }
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Make these changes to ${changes.length} files? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

function conclude(
  changes: readonly FileChange[],
  done: boolean,
  targets: readonly Target[],
  { undo, user }: InitOptions,
): string {
  if (changes.length === 0)
    return undo ? 'Nothing of PopStash is left to take out.' : `All ${targets.length} files are as they should be.`;
  if (!done) return 'Nothing was changed.';
  return undo
    ? `Taken out of ${changes.length} files.`
    : `Changed ${changes.length} files. Restart your client, then run popstash doctor. popstash init ${user ? '--user ' : ''}--undo takes it all out.`;
}
