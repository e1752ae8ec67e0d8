import { homedir } from 'node:os';
import { chooseDataDir } from '../config.js';
import { AppError } from '../errors.js';
import { clients } from '../hooks/clients/client-list.js';
import { listMeasuredTitles } from '../hooks/clients/telemetry-files.js';
import { chooseClients, listClientNames } from '../hooks/install/choose-clients.js';
import type { FileChange, Target } from '../hooks/install/install-types.js';
import type { AllowedFolders } from '../hooks/install/resolve-target.js';
import { quotePath } from '../text/quote-text.js';
import type { AddCommand, CommandContext } from './context/command-context.js';
import { oneLine } from './output/show-text.js';

/** Characters of a path. */
const MAX_PATH = 1_000;

interface InitOptions {
  client?: string;
  yes?: boolean;
  undo?: boolean;
  measureCosts?: boolean;
  user?: boolean;
  ownHooks?: boolean;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  popstash init                    shows the changes to this project's files, and asks
  popstash init --client claude    of one client only
  popstash init --undo             takes out what init has put in`;

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
    .option(
      '--own-hooks',
      "where git's hooks are shared with other repositories: give this one hooks of its own, which run the shared ones",
    )
    .option('--yes', 'make the changes without asking')
    .option('--undo', 'take out what init has put in')
    .option('--json', 'print the changes as JSON; made only with --yes')
    .addHelpText('after', EXAMPLES)
    .action((options: InitOptions) => runInit(context, options));
};

const MEASURE_NOTE =
  'costs are read from the files that clients write. init --measure-costs lets them also send their own telemetry to PopStash, on this machine, which tells every request.';

async function runInit(context: CommandContext, options: InitOptions): Promise<void> {
  const { env, write } = context;
  const [project, { findInvocation, listNotes }, listing, guards, measuring, { findRecord }] = await Promise.all([
    import('../project/locate-project.js'),
    import('../hooks/install/find-invocation.js'),
    import('../hooks/install/list-targets.js'),
    import('../hooks/install/git-targets.js'),
    import('../hooks/install/measure-targets.js'),
    import('../hooks/install/install-record.js'),
  ]);
  const { worktree, root, isRepository } = project.locateProject(process.cwd(), undefined);
  const isOfAll = options.undo === true && options.client === undefined;
  const start = findInvocation(env, context.script);
  const chosen = isOfAll ? clients : chooseClients(options.client, worktree);
  const ownHooks = options.ownHooks === true || (await wantsOwnHooks(options, () => guards.findForeignHooks(worktree)));
  const targets = [
    ...(options.user ? listing.listUserTargets(chosen, start) : listing.listTargets(chosen, worktree, start, ownHooks)),
    ...(options.measureCosts || isOfAll ? measuring.measureTargets({ home: homedir(), env }) : []),
  ];
  const recordPath = findRecord(chooseDataDir(env), options.user ? homedir() : worktree);
  const notes = [
    ...listNotes(env, start),
    ...(options.user ? [] : guards.listGuardNotes(worktree, ownHooks)),
    ...(measuring.isMeasured(env) || options.measureCosts ? [] : [MEASURE_NOTE]),
  ];
  const withdraw = async () => {
    const { openProjectRecords } = await import('../project/project-records.js');
    if (isOfAll && isRepository && !options.user) {
      openProjectRecords({ dataDir: chooseDataDir(env), store: '' }).withdrawRepository(root);
    }
  };
  const allowed = listing.listAllowed(options.user ? null : worktree, chooseDataDir(env));
  await changeFiles(write, options, { targets, allowed, recordPath, worktree, notes, withdraw });
}

/** Whether the user gives this repository hooks of its own, where it shares them with others: asked on a terminal alone. */
async function wantsOwnHooks(
  { undo, user, yes, json }: InitOptions,
  findForeignHooks: () => string | null,
): Promise<boolean> {
  if (undo || user || yes || json || !process.stdin.isTTY) return false;
  const shared = findForeignHooks();
  if (shared === null) return false;
  return await ask(
    `Git reads its hooks from ${shared}, which is not this repository's own. Give it hooks of its own, which run those too? [y/N] `,
  );
}

interface InitPlan {
  targets: readonly Target[];
  allowed: AllowedFolders;
  recordPath: string;
  worktree: string;
  notes: readonly string[];
  /** Takes out of the repository what PopStash itself keeps there, once nothing of init is left in it. */
  withdraw(): Promise<void>;
}

/** Shows what would change, and changes it when that is wanted. */
async function changeFiles(
  write: CommandContext['write'],
  options: InitOptions,
  { targets, allowed, recordPath, worktree, notes, withdraw }: InitPlan,
): Promise<void> {
  const [{ planAdding }, applying, { showDiff }] = await Promise.all([
    import('../hooks/install/change-files.js'),
    import('../hooks/install/apply-init.js'),
    import('../hooks/install/show-diff.js'),
  ]);
  const records = options.user
    ? { path: recordPath, worktree, sharedPath: null }
    : applying.openRecords(recordPath, worktree);
  const { changes, refused, keptFor } = options.undo
    ? applying.planUndo(targets, records, allowed)
    : { keptFor: [], ...planAdding(targets, allowed) };
  const links = changes.flatMap(({ note }) => note ?? []);
  const said = [...(options.undo ? keptFor.map((folder) => stays(folder)) : notes), ...links];
  if (!options.json) {
    for (const change of changes) write(`${showDiff(change)}\n`);
    for (const { path, reason } of refused) write(`${quotePath(path, MAX_PATH)} is left alone: ${oneLine(reason)}\n`);
    for (const note of said) write(`Note: ${oneLine(note)}\n`);
  }
  const isWanted = changes.length > 0 && (options.yes || (!options.json && (await confirm(changes))));
  if (options.undo && (isWanted || (changes.length === 0 && options.yes))) {
    applying.applyUndo(changes, records, targets);
    if (keptFor.length === 0) await withdraw();
  } else if (!options.undo && (isWanted || (changes.length === 0 && !options.json)))
    applying.applyInit(changes, records, targets);
  if (options.json)
    write(JSON.stringify({ applied: isWanted === true, changes: changes.map(describe), refused, notes: said }));
  else write(conclude(changes, isWanted === true, targets, options));
  if (refused.length > 0) process.exitCode = 1;
}

function stays(folder: string): string {
  return `git's guards stay for ${folder}, where init was run too; popstash init --undo there takes them out.`;
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
  return await ask(`Make these changes to ${changes.length} files? [y/N] `);
}

async function ask(question: string): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(question);
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
