import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { relative } from 'node:path';
import type { Environment } from '../../config.js';
import { resolveProject } from '../../project/resolve-project.js';
import { planAdding } from '../install/change-files.js';
import { chooseClients } from '../install/choose-clients.js';
import { clientTargets, userTargets } from '../install/client-targets.js';
import { findInvocation } from '../install/find-invocation.js';
import { findHooksFolder, gitTargets } from '../install/git-targets.js';
import type { Target } from '../install/install-types.js';
import { isMeasured, measureTargets } from '../install/measure-targets.js';
import type { Check } from './run-check.js';

/** Whether init has been run: for each client that is in use, and for git. */
export function checkInstalled(env: Environment, script: string, cwd: string): Check[] {
  const { worktree } = resolveProject(cwd, undefined);
  const start = findInvocation(env, script);
  const checks = chooseClients(undefined, worktree).map((client) => {
    const ofUser = userTargets(client, homedir(), start);
    if (ofUser.length > 0 && planAdding(ofUser).changes.length === 0)
      return checkTargets(client.name, ofUser, worktree, '');
    const targets = clientTargets(client, { worktree, home: homedir() }, start);
    return checkTargets(client.name, targets, worktree, `popstash init --client ${client.name}`);
  });
  if (isMeasured(env)) {
    const targets = measureTargets({ home: homedir(), env });
    checks.push(checkTargets('telemetry', targets, worktree, 'popstash init --measure-costs'));
  }
  if (findHooksFolder(worktree) === null) return checks;
  return [...checks, checkTargets('git guards', gitTargets(worktree, start), worktree, 'popstash init')];
}

function checkTargets(name: string, targets: readonly Target[], worktree: string, fix: string): Check {
  const { changes, refused } = planAdding(targets);
  const missing = [...changes.map(({ path }) => path), ...refused.map(({ path }) => path)];
  const files = targets.map(({ path }) => show(path, worktree)).join(', ');
  if (missing.length === 0) return { name, state: 'ok', detail: `in ${files}` };
  const isNew = missing.length === targets.length && !changes.some(({ before }) => before?.includes('popstash'));
  const detail = isNew
    ? 'not installed'
    : `not as init writes it: ${missing.map((path) => show(path, worktree)).join(', ')}`;
  return { name, state: 'warning', detail, fix };
}

function show(path: string, worktree: string): string {
  const inside = relative(worktree, path);
  return inside.startsWith('..') || !existsSync(worktree) ? path : inside;
}
