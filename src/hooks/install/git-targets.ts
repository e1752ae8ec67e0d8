import { readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { shellCommand } from '../../text/shell-command.js';
import { findGitFolders, type GitFolders, isInside } from '../guards/git-folders.js';
import { type GuardRunner, guardBlock, ownRunner, runScript, SHARED_RUNNER } from '../guards/guard-block.js';
import { GUARDS, type GuardName, MARKERS, OWN_FOLDER, OWN_HOOKS, RUN_SCRIPT } from '../guards/guard-names.js';
import { findHuskyFolder, findLefthookConfig, findWriter } from '../guards/hook-managers.js';
import { hookTargets, leftTargets } from './hook-targets.js';
import type { Invocation, Target } from './install-types.js';
import { managerTargets } from './manager-targets.js';
import { readOrNull } from './read-or-null.js';
import { putBlock, removeBlock } from './texts/text-block.js';

/** Of a hook that lefthook does not know: by this word it takes the file for its own, and writes over it. */
const FOR_LEFTHOOK = 'LEFTHOOK may write over this file: the guard is in its configuration too';

/**
 * The guards among git's hooks, where this repository and its managers of hooks keep theirs; none outside a repository.
 * Hooks that other repositories share are left alone.
 * @param options `ownHooks`: give the repository hooks of its own in that case, which run the shared ones. `ignored`: further
 * files that name this machine, which git is not to show as new
 */
export function gitTargets(
  worktree: string,
  start: Invocation,
  { ownHooks = false, ignored = [] }: { ownHooks?: boolean; ignored?: readonly string[] } = {},
): Target[] {
  const folders = findGitFolders(worktree);
  if (folders === null) return [];
  const own = join(folders.common, OWN_FOLDER, OWN_HOOKS);
  const targets =
    folders.hooks === own || (ownHooks && folders.owner === 'others')
      ? ownHooksTargets(own, folders, start)
      : folders.owner === 'others'
        ? []
        : plainTargets(worktree, folders, start);
  const all = [...targets, ...managerTargets(worktree, folders), ...excludeTargets(worktree, folders, ignored)];
  if (all.length === 0) return [];
  const marked = all.map((target) => ({ ...target, isShared: isInside(target.path, folders.common) }));
  return [...marked, { ...runTarget(folders, start), isShared: true }];
}

function runTarget({ common }: GitFolders, { program, flags }: Invocation): Target {
  const path = join(common, OWN_FOLDER, RUN_SCRIPT);
  const text = runScript(program, flags);
  return { path, isExecutable: true, folders: [dirname(path)], add: () => text, remove: () => null };
}

/** What git does not show as new: files of this machine that lie in the worktree. */
function excludeTargets(worktree: string, { common, hooks }: GitFolders, ignored: readonly string[]): Target[] {
  const husky = findHuskyFolder(worktree, hooks);
  const lefthook = findLefthookConfig(worktree);
  const paths = [...(husky ? [join(husky, '_')] : []), ...(lefthook ? [lefthook.local] : []), ...ignored];
  if (paths.length === 0) return [];
  const lines = paths.map((path) => `/${relative(worktree, path).replaceAll('\\', '/')}`);
  return [excludeTarget(join(common, 'info', 'exclude'), lines)];
}

/** All worktrees read it: lines that another one has put in stay. */
function excludeTarget(path: string, lines: readonly string[]): Target {
  const target = (all: readonly string[]) => blockTarget(path, all);
  return {
    ...target(lines),
    add(before) {
      const [, block = ''] = (before ?? '').split(MARKERS.begin);
      const present =
        block
          .split(MARKERS.end)[0]
          ?.split(/\r?\n/)
          .filter((line) => line.startsWith('/')) ?? [];
      return target([...new Set([...present, ...lines])]).add(before);
    },
  };
}

/** In the folder that git reads hooks from, except in what a manager writes there itself. */
function plainTargets(worktree: string, { hooks, owner }: GitFolders, start: Invocation): Target[] {
  const isHuskys = findHuskyFolder(worktree, hooks) === dirname(hooks);
  const note = findLefthookConfig(worktree) ? { note: FOR_LEFTHOOK } : {};
  return GUARDS.flatMap((name) => {
    const path = join(hooks, name);
    // A team may share what is in its worktree; what husky makes there itself it does not.
    const runner = owner === 'worktree' && !isHuskys ? SHARED_RUNNER : ownRunner(start.program, start.flags);
    const writer = findWriter(readOrNull(path) ?? '');
    const own = writer === null ? hookTargets(path, name, runner, { isExecutable: true, ...note }) : [];
    return [...own, ...leftTargets(path)];
  });
}

/** Each runs the hook of the same name in the folder that git would read. */
function ownHooksTargets(folder: string, { common, given }: GitFolders, start: Invocation): Target[] {
  const runner = ownRunner(start.program, start.flags);
  const names = new Set<string>([...GUARDS, ...listHooks(given)]);
  const hooks = [...names].map((name): Target => {
    const guard = GUARDS.find((each) => each === name);
    const text = ownHook(guard, join(given, name), runner);
    return { path: join(folder, name), isExecutable: true, folders: [folder], add: () => text, remove: () => null };
  });
  return [...hooks, configTarget(join(common, 'config'), folder)];
}

function ownHook(guard: GuardName | undefined, given: string, runner: GuardRunner): string {
  const kept = shellCommand([given], 'posix');
  const block = guard ? guardBlock(guard, runner) : `${MARKERS.begin}\n${MARKERS.end}\n`;
  return `#!/bin/sh\n${block}[ ! -x ${kept} ] || exec ${kept} "$@"\n`;
}

function listHooks(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^[a-z-]+$/.test(name));
  } catch {
    return [];
  }
}

/** The setting of this repository alone. */
function configTarget(path: string, folder: string): Target {
  return blockTarget(path, ['[core]', `\thooksPath = ${JSON.stringify(folder)}`]);
}

/** Lines at the end of a file. */
function blockTarget(path: string, lines: readonly string[]): Target {
  const block = `${[MARKERS.begin, ...lines, MARKERS.end].join('\n')}\n`;
  return {
    path,
    isExecutable: false,
    add: (before) =>
      putBlock(before ?? '', MARKERS, block, (text, own) => {
        return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${own}`;
      }),
    remove: (content) => removeBlock(content, MARKERS),
  };
}

/** The folder that git reads hooks from where other repositories share it; null where it is this repository's alone. */
export function findForeignHooks(worktree: string): string | null {
  const folders = findGitFolders(worktree);
  return folders?.owner === 'others' ? folders.hooks : null;
}

/** What the user should know of hooks that are not in git's own place. */
export function listGuardNotes(worktree: string, ownHooks: boolean): string[] {
  const folders = findGitFolders(worktree);
  if (folders === null || ownHooks) return [];
  if (folders.owner === 'others') {
    return [
      `git reads its hooks from ${folders.hooks}, which other repositories share: nothing was written there, so no commit ` +
        'or push is checked. init --own-hooks gives this repository hooks of its own, which run the shared ones after the guard.',
    ];
  }
  const isManaged = findHuskyFolder(worktree, folders.hooks) !== null;
  return folders.owner === 'worktree' && !isManaged
    ? [
        `git reads its hooks from ${folders.hooks}, by core.hooksPath: the guards stand there, in files that a team may share.`,
      ]
    : [];
}
