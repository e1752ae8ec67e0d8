import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { shellCommand } from '../../text/shell-command.js';
import type { FoundGuard } from '../guards/find-guard.js';
import type { GitFolders } from '../guards/git-folders.js';
import { type GuardName, OWN_FOLDER, RUN_SCRIPT } from '../guards/guard-names.js';
import { findLefthookConfig } from '../guards/hook-managers.js';

/** The file in it that is staged. */
export const HELD_FILE = 'held.txt';

/** A repository in which a guard can be run, and how it is run there. */
export interface Scratch {
  folder: string;
  command: string;
  /** On the command's stdin. */
  input: string;
}

/**
 * A push is refused of a commit that was made while the file was held. The file is held from now on, and git counts whole
 * seconds: so the scratch commit is made a little later than now, in seconds. A lock lasts longer.
 */
const COMMIT_AHEAD_S = 60;

/** Makes a repository with a staged file, and with what the guard needs: the caller deletes it. @param env of git */
export function openScratch(
  worktree: string,
  folders: GitFolders,
  name: GuardName,
  guard: FoundGuard,
  env: Record<string, string>,
): Scratch {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'popstash-doctor-')));
  const date = `${Math.floor(Date.now() / 1000) + COMMIT_AHEAD_S} +0000`;
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=doctor', '-c', 'user.email=doctor@popstash.invalid', ...args], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
    }).trim();
  git('init', '-q', '.');
  const base = git('commit-tree', '-m', 'base', git('write-tree'));
  // A content of its own: one that was ever let pass is not checked at a push.
  writeFileSync(join(folder, HELD_FILE), `held ${randomUUID()}\n`);
  git('add', HELD_FILE);
  copyRunScript(folders.common, folder);
  const made = git('commit-tree', '-p', base, '-m', 'held', git('write-tree'));
  const none = '0'.repeat(made.length);
  switch (name) {
    case 'reference-transaction':
      return { folder, input: `${none} ${made} refs/heads/main\n`, ...chooseCommand(worktree, folder, name, guard) };
    case 'pre-push': {
      const push = { from: base, to: made, url: join(folder, 'nowhere.git') };
      const input = `refs/heads/main ${made} refs/heads/main ${base}\n`;
      return { folder, input, ...chooseCommand(worktree, folder, name, guard, push) };
    }
    default:
      return { folder, input: '', ...chooseCommand(worktree, folder, name, guard) };
  }
}

/** The push that a guard is asked about. */
interface ScratchPush {
  from: string;
  to: string;
  url: string;
}

/** The guard alone: by our own lines and those before them, or by the manager with the name of our part. */
function chooseCommand(
  worktree: string,
  folder: string,
  name: GuardName,
  guard: FoundGuard,
  push?: ScratchPush,
): Pick<Scratch, 'command'> {
  // As git gives them to the hook.
  const args = push ? ['origin', push.url] : name === 'reference-transaction' ? ['prepared'] : [];
  if (guard.head !== null) {
    if (guard.manager === null && process.platform !== 'win32') return { command: copyHook(folder, guard.head, args) };
    // Husky's shell ends at the first command that fails.
    return { command: shellCommand(['sh', '-e', '-c', guard.head, guard.hook, ...args]) };
  }
  if (guard.manager === 'lefthook') {
    const config = findLefthookConfig(worktree);
    for (const path of config ? [config.team, config.local] : []) copyInto(path, worktree, folder);
    if (existsSync(join(worktree, 'node_modules')))
      symlinkSync(join(worktree, 'node_modules'), join(folder, 'node_modules'));
    // Before version 2 the option had another name.
    const [newer, older] = ['--command', '--commands'].map((option) => {
      // Nothing is pushed in fact, and lefthook runs nothing then unless it is forced to.
      return shellCommand([guard.hook, ...args, option, 'popstash', '--no-auto-install', '--force']);
    });
    return { command: `${newer} || ${older}` };
  }
  copyInto(guard.path, worktree, folder);
  const stage = name === 'pre-merge-commit' ? 'merge-commit' : name.replace(/^pre-/, '');
  const refs = push ? ['--from-ref', push.from, '--to-ref', push.to, '--local-branch', 'refs/heads/main'] : [];
  const remote = push
    ? ['--remote-branch', 'refs/heads/main', '--remote-name', 'origin', '--remote-url', push.url]
    : [];
  const run = ['run', 'popstash-guard', '--hook-stage', stage, ...refs, ...remote];
  return { command: shellCommand([...findFramework(guard.hook), ...run]) };
}

/** The hook as git runs it, by the interpreter that it names, without the lines behind ours. @returns the command */
function copyHook(folder: string, head: string, args: readonly string[]): string {
  const path = join(folder, '.git', 'guard-of-doctor');
  writeFileSync(path, head, { mode: 0o755 });
  return shellCommand([path, ...args]);
}

/** The hook names the Python that the framework was installed with. */
function findFramework(hook: string): string[] {
  const python = /^INSTALL_PYTHON=(.+)$/m.exec(readFileSync(hook, 'utf8'))?.[1];
  return python !== undefined && existsSync(python) ? [python, '-mpre_commit'] : ['pre-commit'];
}

function copyRunScript(common: string, folder: string): void {
  const script = join(common, OWN_FOLDER, RUN_SCRIPT);
  if (!existsSync(script)) return;
  mkdirSync(join(folder, '.git', OWN_FOLDER), { recursive: true });
  cpSync(script, join(folder, '.git', OWN_FOLDER, RUN_SCRIPT));
}

function copyInto(path: string, worktree: string, folder: string): void {
  const copy = join(folder, relative(worktree, path));
  mkdirSync(dirname(copy), { recursive: true });
  copyFileSync(path, copy);
}
