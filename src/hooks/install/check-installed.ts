import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import type { Environment } from '../../config.js';
import { resolveProject } from '../../project/resolve-project.js';
import { planAdding } from './change-files.js';
import type { Check } from './check-types.js';
import { findHooksFolder } from './git-targets.js';
import { CLIENTS, type Target } from './install-types.js';
import { listTargets } from './list-targets.js';

/** Whether init has been here: for each client that is in use, and for git. */
export function checkInstalled(env: Environment, script: string, cwd: string): Check[] {
  const { worktree } = resolveProject(cwd, undefined);
  const inUse = new Set(listTargets(env, script, undefined, false).targets.map(({ path }) => path));
  const isGit = (target: Target) => /[\\/]pre-(commit|push)(\.before-popstash)?$/.test(target.path);
  const checks = CLIENTS.flatMap((client): Check[] => {
    const targets = listTargets(env, script, client, false).targets.filter((target) => !isGit(target));
    const own = targets.filter(({ path }) => !/[\\/](CLAUDE|AGENTS)\.md$/.test(path));
    // Not asked about clients that nobody uses here.
    if (!own.some(({ path }) => inUse.has(path))) return [];
    return [judge(client, own, worktree, `popstash init --client ${client}`)];
  });
  if (findHooksFolder(worktree) === null) return checks;
  const guards = listTargets(env, script, 'claude', false).targets.filter(isGit);
  return [...checks, judge('git guards', guards, worktree, 'popstash init')];
}

function judge(name: string, targets: readonly Target[], worktree: string, fix: string): Check {
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
