import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { GitFolders } from '../guards/git-folders.js';
import { guardLine, SHARED_RUNNER } from '../guards/guard-block.js';
import { MANAGED_GUARDS, MARKERS } from '../guards/guard-names.js';
import { FRAMEWORK_CONFIG, findHuskyFolder, findLefthookConfig } from '../guards/hook-managers.js';
import { hookTargets } from './hook-targets.js';
import type { Target } from './install-types.js';
import { addYamlParts, cutYamlParts, type YamlPart } from './texts/yaml-block.js';

/** The guards where managers of hooks keep their own, for those that the worktree uses. They name nothing of this machine. */
export function managerTargets(worktree: string, { hooks }: GitFolders): Target[] {
  return [...huskyTargets(worktree, hooks), ...lefthookTargets(worktree), ...frameworkTargets(worktree)];
}

/** Husky runs its files by `sh -e`, whatever their mode. */
function huskyTargets(worktree: string, hooks: string): Target[] {
  const folder = findHuskyFolder(worktree, hooks);
  if (folder === null) return [];
  return MANAGED_GUARDS.flatMap((name) => {
    return hookTargets(join(folder, name), name, SHARED_RUNNER, { isExecutable: false });
  });
}

/** In the local file, which is no file of the team. */
function lefthookTargets(worktree: string): Target[] {
  const config = findLefthookConfig(worktree);
  if (config === null) return [];
  const parts = MANAGED_GUARDS.map((name): YamlPart => {
    const isPush = name === 'pre-push';
    const run = guardLine(name, isPush ? ' {1} {2}' : '');
    return {
      path: [name, 'commands'],
      lines: ['popstash:', ...(isPush ? ['  use_stdin: true'] : []), '  run: |', `    ${run}`],
    };
  });
  return [yamlTarget(config.local, parts)];
}

/**
 * The stages in which pre-commit runs a hook have other names in older versions: ours is run in all, and finds out by the
 * variables of pre-commit what is asked.
 */
function frameworkTargets(worktree: string): Target[] {
  const path = join(worktree, FRAMEWORK_CONFIG);
  if (!existsSync(path)) return [];
  const lines = [
    '- repo: local',
    '  hooks:',
    '    - id: popstash-guard',
    '      name: PopStash guard',
    '      language: system',
    '      always_run: true',
    '      pass_filenames: false',
    '      entry: >-',
    `        sh -c '${guardLine('pre-commit', ' --framework')}'`,
  ];
  return [yamlTarget(path, [{ path: ['repos'], lines }])];
}

function yamlTarget(path: string, parts: readonly YamlPart[]): Target {
  return {
    path,
    isExecutable: false,
    add: (before) => addYamlParts(before ?? '', parts, MARKERS),
    remove(content) {
      const rest = cutYamlParts(content, MARKERS);
      return rest === '' && rest !== content ? null : rest;
    },
  };
}
