import { chooseDataDir, homeFolder } from '../../config.js';
import { AppError } from '../../errors.js';
import { clients } from '../../hooks/clients/client-list.js';
import type { ClientDefinition } from '../../hooks/definition/define-client.js';
import { applyInit, applyUndo, type InitRecords, openRecords, planUndo } from '../../hooks/install/apply-init.js';
import { planAdding } from '../../hooks/install/change-files.js';
import { chooseClients } from '../../hooks/install/choose-clients.js';
import { findForeignHooks, listGuardNotes } from '../../hooks/install/git-targets.js';
import { findRecord, hasOtherRecords } from '../../hooks/install/install-record.js';
import type { FileChange, Invocation, Target } from '../../hooks/install/install-types.js';
import { defaultScope, findInvocation, listNotes, type Scope } from '../../hooks/install/launcher/find-invocation.js';
import { findLauncher } from '../../hooks/install/launcher/launcher-path.js';
import { listAllowed, listTargets, listUserTargets } from '../../hooks/install/list-targets.js';
import { isMeasured, measureTargets } from '../../hooks/install/measure-targets.js';
import { mergeTargets } from '../../hooks/install/merge-targets.js';
import type { AllowedFolders } from '../../hooks/install/resolve-target.js';
import { statusLineTargets } from '../../hooks/install/status-line-targets.js';
import { locateProject } from '../../project/locate-project.js';
import type { CommandContext } from '../context/command-context.js';
import { ask } from './ask.js';
import type { InitOptions } from './init-options.js';
import { prepareLauncher } from './prepare-launcher.js';
import { concludeInit, describeChange, listChanges, listRefused } from './show-plan.js';
import { showDrift, verifyInstall } from './verify-install.js';

const MEASURE_NOTE =
  'costs are read from the files that clients write. popstash init --measure-costs lets them also send their own telemetry to PopStash, on this machine, which tells every request.';

/** `popstash init`, `init --verify` and `uninstall`. */
export async function runInit(context: CommandContext, asked: InitOptions): Promise<void> {
  const { env } = context;
  const options = { ...asked, ...(asked.statusline && { user: true }) };
  const scope = chooseScope(options);
  const { worktree, root, isRepository } = locateProject(process.cwd(), undefined);
  const isOfAll = (options.undo === true || options.verify === true) && options.client === undefined;
  const start = findInvocation(env, scope);
  const chosen = isOfAll ? clients : chooseClients(options.client, worktree);
  const ownHooks = options.ownHooks === true || (await wantsOwnHooks(options, () => findForeignHooks(worktree)));
  const launcher = prepareLauncher(env);
  const recordPath = findRecord(chooseDataDir(env), options.user ? homeFolder() : worktree);
  const records = options.user ? { path: recordPath, worktree, sharedPath: null } : openRecords(recordPath, worktree);
  const targets = [
    ...(options.undo && hasOtherRecords(recordPath) ? [] : [launcher.target]),
    ...(options.user ? chooseUserTargets(options, chosen, start) : listTargets(chosen, worktree, start, ownHooks)),
    ...(options.measureCosts || (isOfAll && !options.statusline) ? measureTargets({ home: homeFolder(), env }) : []),
  ];
  if (options.verify) return showDrift(context, verifyInstall(targets, records), options);
  const notes = options.statusline
    ? launcher.notes
    : [
        ...launcher.notes,
        ...listNotes(env, start),
        ...(options.user ? [] : listGuardNotes(worktree, ownHooks)),
        ...chosen.flatMap(({ remarks = [] }) => remarks),
        ...(isMeasured(env) || options.measureCosts ? [] : [MEASURE_NOTE]),
      ];
  await changeFiles(context, options, {
    targets,
    allowed: listAllowed(options.user ? null : worktree, chooseDataDir(env), findLauncher(env)),
    records,
    worktree,
    notes,
    prepare: launcher.install,
    async withdraw() {
      if (!hasOtherRecords(recordPath)) launcher.remove(recordPath);
      const { openProjectRecords } = await import('../../project/project-records.js');
      if (isOfAll && isRepository && !options.user) {
        openProjectRecords({ dataDir: chooseDataDir(env), store: '' }).withdrawRepository(root);
      }
    },
  });
}

/** What --user writes, and the status line: by itself where that is asked for, else only to be taken out or looked at. */
function chooseUserTargets(
  { statusline, undo, verify, client }: InitOptions,
  chosen: readonly ClientDefinition[],
  start: Invocation,
): Target[] {
  const ofLine = statusLineTargets(homeFolder(), start);
  if (statusline) return ofLine;
  const ofClients = listUserTargets(chosen, start);
  if (client !== undefined || (!undo && !verify)) return ofClients;
  return undo ? mergeTargets([...ofClients, ...ofLine]) : [...ofClients, ...ofLine];
}

/** @throws AppError `invalid_argument` for more than one */
function chooseScope({ project, user, local }: InitOptions): Scope {
  const said = [project && 'project', user && 'user', local && 'local'].filter((each): each is Scope => Boolean(each));
  if (said.length <= 1) return said[0] ?? defaultScope();
  throw new AppError({
    code: 'invalid_argument',
    message: `--${said.join(' and --')} exclude each other.`,
    fix: 'Give one of them: for all who share the project, for all your projects, or for this machine alone.',
  });
}

/** Whether the user gives this repository hooks of its own, where it shares them with others: asked on a terminal alone. */
async function wantsOwnHooks(
  { undo, verify, user, yes, json }: InitOptions,
  findForeign: () => string | null,
): Promise<boolean> {
  if (undo || verify || user || yes || json || !process.stdin.isTTY) return false;
  const shared = findForeign();
  if (shared === null) return false;
  return await ask(
    `Git reads its hooks from ${shared}, which is not this repository's own. Give it hooks of its own, which run those too? [y/N] `,
  );
}

interface InitPlan {
  targets: readonly Target[];
  allowed: AllowedFolders;
  records: InitRecords;
  worktree: string;
  notes: readonly string[];
  /** What stands before the files are written. */
  prepare(): void;
  /** Takes out what PopStash itself keeps there, once nothing of init is left in it. */
  withdraw(): Promise<void>;
}

/** Shows what would change, and changes it when that is wanted. */
async function changeFiles(
  { write, word }: CommandContext,
  options: InitOptions,
  { targets, allowed, records, worktree, notes, prepare, withdraw }: InitPlan,
): Promise<void> {
  const plan = options.undo
    ? planUndo(targets, records, allowed)
    : { keptFor: [] as string[], ...planAdding(targets, allowed) };
  const { changes, keptFor } = plan;
  const refused = plan.refused.map((each) => ({ ...each, reason: word(each.reason) }));
  const links = changes.flatMap(({ note }) => note ?? []);
  const said = [...(options.undo ? keptFor.map(describeKept) : notes), ...links].map(word);
  if (!options.json) {
    const { showDiff } = await import('../../hooks/install/show-diff.js');
    for (const line of listChanges(changes, worktree)) write(line);
    for (const change of changes) write(`${showDiff(change)}\n`);
    for (const line of listRefused(refused, said)) write(line);
  }
  const isWanted = changes.length > 0 && (options.yes || (!options.json && (await confirm(changes))));
  const isMade = isWanted === true || (changes.length === 0 && Boolean(options.undo ? options.yes : !options.json));
  if (isMade && options.undo) {
    applyUndo(changes, records, targets);
    if (keptFor.length === 0) await withdraw();
  } else if (isMade) {
    prepare();
    applyInit(changes, records, targets);
  }
  if (options.json)
    write(JSON.stringify({ applied: isWanted === true, changes: changes.map(describeChange), refused, notes: said }));
  else write(word(concludeInit(changes, isWanted === true, targets, options)));
  if (refused.length > 0) process.exitCode = 1;
}

function describeKept(folder: string): string {
  return `git's guards stay for ${folder}, where init was run too; popstash uninstall there takes them out.`;
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
