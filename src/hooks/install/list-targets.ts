import { lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { homeFolder } from '../../config.js';
import type { ClientDefinition } from '../definition/define-client.js';
import { findGitFolders, isInside, listTracked } from '../guards/git-folders.js';
import { clientTargets, userTargets } from './client-targets.js';
import { gitTargets } from './git-targets.js';
import type { Invocation, Target } from './install-types.js';
import { mergeTargets } from './merge-targets.js';
import type { AllowedFolders } from './resolve-target.js';
import { rulesTarget } from './rules-target.js';

/** Read by many clients: where it exists, the rules go into it whatever the clients. */
const COMMON_RULES = 'AGENTS.md';

/** All files of a worktree that init writes for these clients and for git; what --measure-costs writes is apart. */
export function listTargets(
  clients: readonly ClientDefinition[],
  worktree: string,
  start: Invocation,
  ownHooks: boolean,
): Target[] {
  const ofClients = mergeTargets(
    clients.flatMap((client) => clientTargets(client, { worktree, home: homeFolder() }, start)),
  );
  const inside = start.shared === null ? ofClients.filter(({ path }) => isInside(path, worktree)) : [];
  const tracked =
    inside.length > 0
      ? listTracked(
          worktree,
          inside.map(({ path }) => path),
        )
      : new Set<string>();
  const untracked = inside.map(({ path }) => path).filter((path) => !tracked.has(path));
  return mergeTargets([
    ...ofClients.map((target) => (tracked.has(target.path) ? refuseTracked(target) : target)),
    ...gitTargets(worktree, start, { ownHooks, ignored: untracked }),
    ...listRules(clients, worktree).map((name) => rulesTarget(join(worktree, name))),
  ]);
}

/** A file of a team that would name this machine. What it has of ours already stays. */
function refuseTracked(target: Target): Target {
  return {
    ...target,
    add(before) {
      const after = target.add(before);
      if (after === before) return after;
      throw new Error(
        'git tracks it, and this would name your machine in it: popstash init --project writes what all can share',
      );
    },
  };
}

/** All files of the user's home folder that init writes for these clients. */
export function listUserTargets(clients: readonly ClientDefinition[], start: Invocation): Target[] {
  return mergeTargets(clients.flatMap((client) => userTargets(client, homeFolder(), start)));
}

function listRules(clients: readonly ClientDefinition[], worktree: string): string[] {
  const names = clients.flatMap(({ rules }) => rules ?? []);
  return [
    ...new Set(lstatSync(join(worktree, COMMON_RULES), { throwIfNoEntry: false }) ? [...names, COMMON_RULES] : names),
  ];
}

/** The folders that init may write into. @param worktree null for the files of the home folder alone */
export function listAllowed(worktree: string | null, dataDir: string, launcher: string): AllowedFolders {
  const own = [[homeFolder()], [dataDir], [dirname(dirname(launcher))]];
  if (worktree === null) return own;
  const folders = findGitFolders(worktree);
  // Hooks that are only this repository's may lie in another one of its worktrees.
  const hooks = folders === null || folders.owner === 'others' ? [] : [folders.hooks];
  return [[worktree, ...(folders === null ? [] : [folders.common]), ...hooks], ...own];
}
