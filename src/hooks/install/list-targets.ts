import { lstatSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ClientDefinition } from '../definition/define-client.js';
import { findGitFolders } from '../guards/git-folders.js';
import { clientTargets, userTargets } from './client-targets.js';
import { gitTargets } from './git-targets.js';
import type { Invocation, Target } from './install-types.js';
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
  return [
    ...clients.flatMap((client) => clientTargets(client, { worktree, home: homedir() }, start)),
    ...gitTargets(worktree, start, ownHooks),
    ...listRules(clients, worktree).map((name) => rulesTarget(join(worktree, name))),
  ];
}

/** All files of the user's home folder that init writes for these clients. */
export function listUserTargets(clients: readonly ClientDefinition[], start: Invocation): Target[] {
  return clients.flatMap((client) => userTargets(client, homedir(), start));
}

function listRules(clients: readonly ClientDefinition[], worktree: string): string[] {
  const names = clients.map(({ rules }) => rules);
  return [
    ...new Set(lstatSync(join(worktree, COMMON_RULES), { throwIfNoEntry: false }) ? [...names, COMMON_RULES] : names),
  ];
}

/** The folders that init may write into. @param worktree null for the files of the home folder alone */
export function listAllowed(worktree: string | null, dataDir: string): AllowedFolders {
  const own = [[homedir()], [dataDir]];
  if (worktree === null) return own;
  const folders = findGitFolders(worktree);
  // Hooks that are only this repository's may lie in another one of its worktrees.
  const hooks = folders === null || folders.owner === 'others' ? [] : [folders.hooks];
  return [[worktree, ...(folders === null ? [] : [folders.common]), ...hooks], ...own];
}
