import { realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { OWN_FOLDER, OWN_HOOKS } from './guard-names.js';

/** A hook of a client waits for it. In ms. */
const TIMEOUT_MS = 2_000;

/** Where git keeps what it shares between the worktrees of a repository, and where it reads hooks. */
export interface GitFolders {
  common: string;
  hooks: string;
  /**
   * Whose the hooks are: the repository's own below its .git, its worktree's (a team may share them), or also other
   * repositories'.
   */
  owner: 'repository' | 'worktree' | 'others';
  /** The hooks that git would read without those that init gives this repository alone. */
  given: string;
}

/** Null outside a repository, or where git can't be run. */
export function findGitFolders(worktree: string): GitFolders | null {
  try {
    const lines = readGit(worktree, ['rev-parse', '--git-path', 'hooks', '--git-common-dir']).split('\n');
    const [hooks = '', common = ''] = lines.map((line) => realFolder(resolve(worktree, line)));
    const paths = listHooksPaths(worktree);
    const own = join(common, OWN_FOLDER, OWN_HOOKS);
    const last = paths.at(-1);
    const before = paths.filter(({ path }) => realFolder(resolve(worktree, path)) !== own).at(-1);
    const given = before ? realFolder(resolve(worktree, before.path)) : realFolder(join(common, 'hooks'));
    // A relative path of the user's settings names a folder of each repository.
    const isUsers = last !== undefined && /^(system|global)$/.test(last.scope) && isAbsolute(last.path);
    return { common, hooks, given, owner: isUsers ? 'others' : findOwner(hooks, common, worktree) };
  } catch {
    return null;
  }
}

/** Each core.hooksPath, the one that counts last. */
function listHooksPaths(worktree: string): { scope: string; path: string }[] {
  try {
    const output = readGit(worktree, ['config', '--show-scope', '--type=path', '--get-all', 'core.hooksPath']);
    return output.split('\n').map((line) => {
      const [scope = '', path = ''] = line.split('\t');
      return { scope, path };
    });
  } catch {
    return [];
  }
}

function findOwner(hooks: string, common: string, worktree: string): GitFolders['owner'] {
  if (isInside(hooks, common)) return 'repository';
  return listWorktrees(worktree).some((folder) => isInside(hooks, realFolder(folder))) ? 'worktree' : 'others';
}

/** Top folders of all worktrees of the repository; this one alone where git does not tell. */
function listWorktrees(worktree: string): string[] {
  try {
    const lines = readGit(worktree, ['worktree', 'list', '--porcelain']).split('\n');
    return [
      worktree,
      ...lines.flatMap((line) => (line.startsWith('worktree ') ? [line.slice('worktree '.length)] : [])),
    ];
  } catch {
    return [worktree];
  }
}

/** Those of these files that are in git's index. @param paths absolute */
export function listTracked(worktree: string, paths: readonly string[]): Set<string> {
  try {
    const names = paths.map((path) => relative(worktree, path));
    return new Set(
      readGit(worktree, ['--literal-pathspecs', 'ls-files', '-z', '--', ...names])
        .split('\0')
        .filter(Boolean)
        .map((name) => join(worktree, name)),
    );
  } catch {
    return new Set();
  }
}

/** Whether a path is a folder or lies below it. Both are real paths. */
export function isInside(path: string, folder: string): boolean {
  const inside = relative(folder, path);
  return inside === '' || (!/^\.\.(\/|\\|$)/.test(inside) && !isAbsolute(inside));
}

/** A path without links, also where its end does not exist. */
function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realFolder(parent), basename(path));
  }
}

function readGit(cwd: string, args: readonly string[]): string {
  // Loaded only here: the hook of an edit asks no git.
  const { execFileSync } = process.getBuiltinModule('node:child_process');
  return execFileSync('git', args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: TIMEOUT_MS,
  }).replace(/\r?\n$/, '');
}
