import { execFileSync } from 'node:child_process';

const MAX_OUTPUT = 64 * 1024 * 1024;
/** Git's name for "no commit": a ref that is created or deleted. */
const NO_COMMIT = /^0+$/;

/**
 * Files of the commit that is about to be made: both names of a renamed file, and deleted files too.
 * @returns paths relative to the top folder
 */
export function listStagedFiles(cwd: string): string[] {
  const changed = diffStaged(cwd, hasCommit(cwd, 'HEAD') ? 'HEAD' : null);
  if (!hasCommit(cwd, 'MERGE_HEAD')) return changed;
  // Of a merge only the files that differ from both sides: the others were committed, and guarded, before.
  const theirs = new Set(diffStaged(cwd, 'MERGE_HEAD'));
  return changed.filter((path) => theirs.has(path));
}

/**
 * Files of the commits that a push is about to publish.
 * @param cwd the top folder
 * @param refs git's lines on the hook's stdin: `<local ref> <local sha> <remote ref> <remote sha>`
 */
export function listPushedFiles(cwd: string, remote: string | undefined, refs: string): string[] {
  const files = new Set<string>();
  for (const line of refs.split('\n')) {
    const [, local, , known] = line.trim().split(/\s+/);
    if (!local || !known || NO_COMMIT.test(local)) continue;
    const isKnown = !NO_COMMIT.test(known) && hasCommit(cwd, known);
    const published = isKnown ? [known] : [remote ? `--remotes=${remote}` : '--remotes'];
    const args = ['log', '--format=', '--name-only', '--no-renames', '-z', local, '--not', ...published, '--'];
    for (const path of splitNames(git(cwd, args))) files.add(path);
  }
  return [...files];
}

/** The top folder of the worktree: git's names are relative to it. @throws Error outside a worktree */
export function findTop(cwd: string): string {
  return git(cwd, ['rev-parse', '--show-toplevel']).replace(/\r?\n$/, '');
}

function diffStaged(cwd: string, commit: string | null): string[] {
  const args = ['diff', '--cached', '--name-only', '--no-renames', '--no-ext-diff', '-z'];
  return splitNames(git(cwd, commit ? [...args, commit, '--'] : args));
}

function hasCommit(cwd: string, name: string): boolean {
  try {
    git(cwd, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]);
    return true;
  } catch {
    return false;
  }
}

function splitNames(output: string): string[] {
  // With an empty format, git log still prints a newline before the names of a commit.
  return output
    .split('\0')
    .map((name) => name.replace(/^\n+/, ''))
    .filter((name) => name !== '');
}

function git(cwd: string, args: string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8', maxBuffer: MAX_OUTPUT, stdio: ['ignore', 'pipe', 'pipe'] });
}
