import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { chooseDataDir, type Environment, homeFolder } from '../../config.js';
import { locateProject } from '../../project/locate-project.js';
import { findGitFolders, type GitFolders } from '../guards/git-folders.js';
import { planAdding } from '../install/change-files.js';
import { chooseClients } from '../install/choose-clients.js';
import { clientTargets, userTargets } from '../install/client-targets.js';
import { gitTargets } from '../install/git-targets.js';
import type { Target } from '../install/install-types.js';
import { findInvocation } from '../install/launcher/find-invocation.js';
import { findLauncher } from '../install/launcher/launcher-path.js';
import { listAllowed } from '../install/list-targets.js';
import { isMeasured, measureTargets } from '../install/measure-targets.js';
import type { AllowedFolders } from '../install/resolve-target.js';
import type { Check } from './run-check.js';

/** Where git's hooks are those of other repositories too. */
export const OWN_HOOKS_FIX =
  'popstash init --own-hooks: hooks of this repository alone, which run the shared ones after the guard';

/** Whether init has been run: for each client that is in use, and for git. */
export function checkInstalled(env: Environment, cwd: string): Check[] {
  const { worktree } = locateProject(cwd, undefined);
  const allowed = listAllowed(worktree, chooseDataDir(env), findLauncher(env));
  const place = { worktree, allowed };
  const start = findInvocation(env, 'local');
  const checks = chooseClients(undefined, worktree).map((client) => {
    const ofUser = userTargets(client, homeFolder(), start);
    if (ofUser.length > 0 && planAdding(ofUser, allowed).changes.length === 0)
      return checkTargets(client.name, ofUser, place, '');
    // For all who share the project, or for this machine: whichever init was run for.
    const [targets = []] = [start, findInvocation(env, 'project')]
      .map((each) => clientTargets(client, { worktree, home: homeFolder() }, each))
      .sort((a, b) => planAdding(a, allowed).changes.length - planAdding(b, allowed).changes.length);
    return checkTargets(client.name, targets, place, `popstash init --client ${client.name}`);
  });
  if (isMeasured(env)) {
    const targets = measureTargets({ home: homeFolder(), env });
    checks.push(checkTargets('telemetry', targets, place, 'popstash init --measure-costs'));
  }
  const folders = findGitFolders(worktree);
  if (folders === null) return checks;
  if (folders.owner === 'others') return [...checks, describeShared(folders)];
  return [...checks, checkTargets('git guards', gitTargets(worktree, start), place, 'popstash init')];
}

function describeShared({ hooks }: GitFolders): Check {
  const detail = `git reads its hooks from ${hooks}, which other repositories share: nothing is written there`;
  return { name: 'git guards', state: 'warning', detail, fix: OWN_HOOKS_FIX };
}

function checkTargets(
  name: string,
  targets: readonly Target[],
  { worktree, allowed }: { worktree: string; allowed: AllowedFolders },
  fix: string,
): Check {
  const { changes, refused } = planAdding(targets, allowed);
  const shown = targets.filter(({ isOnlyRemoved }) => !isOnlyRemoved);
  const missing = [...changes.map(({ path }) => path), ...refused.map(({ path }) => path)];
  const files = shown.map(({ path }) => show(path, worktree)).join(', ');
  if (missing.length === 0) return { name, state: 'ok', detail: `in ${files}` };
  const isNew = missing.length === shown.length && !changes.some(({ before }) => before?.includes('popstash'));
  const detail = isNew
    ? 'not installed'
    : `not as init writes it: ${missing.map((path) => show(path, worktree)).join(', ')}`;
  return { name, state: 'warning', detail, fix };
}

function show(path: string, worktree: string): string {
  const inside = relative(worktree, path);
  return inside.startsWith('..') || !existsSync(worktree) ? path : inside;
}
