import { execFileSync } from 'node:child_process';
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

/** Makes a repository with a staged file, and with what the guard needs: the caller deletes it. */
export function openScratch(worktree: string, folders: GitFolders, name: GuardName, guard: FoundGuard): Scratch {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'popstash-doctor-')));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=doctor', '-c', 'user.email=doctor@popstash.invalid', ...args], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  git('init', '-q', '.');
  writeFileSync(join(folder, HELD_FILE), 'held\n');
  git('add', HELD_FILE);
  copyRunScript(folders.common, folder);
  const made = git('commit-tree', '-m', 'held', git('write-tree'));
  const input = name === 'reference-transaction' ? `${'0'.repeat(made.length)} ${made} refs/heads/main\n` : '';
  return { folder, input, ...chooseCommand(worktree, folder, name, guard) };
}

/** The guard alone: by our own lines and those before them, or by the manager with the name of our part. */
function chooseCommand(worktree: string, folder: string, name: GuardName, guard: FoundGuard): Pick<Scratch, 'command'> {
  if (guard.head !== null) {
    const state = name === 'reference-transaction' ? ['prepared'] : [];
    if (guard.manager === null && process.platform !== 'win32') return { command: copyHook(folder, guard.head, state) };
    // Husky's shell ends at the first command that fails.
    return { command: shellCommand(['sh', '-e', '-c', guard.head, guard.hook, ...state]) };
  }
  if (guard.manager === 'lefthook') {
    const config = findLefthookConfig(worktree);
    for (const path of config ? [config.team, config.local] : []) copyInto(path, worktree, folder);
    if (existsSync(join(worktree, 'node_modules')))
      symlinkSync(join(worktree, 'node_modules'), join(folder, 'node_modules'));
    // Before version 2 the option had another name.
    const [newer, older] = ['--command', '--commands'].map((option) => {
      return shellCommand([guard.hook, option, 'popstash', '--no-auto-install']);
    });
    return { command: `${newer} || ${older}` };
  }
  copyInto(guard.path, worktree, folder);
  const stage = name === 'pre-merge-commit' ? 'merge-commit' : name.replace(/^pre-/, '');
  return { command: shellCommand([...findFramework(guard.hook), 'run', 'popstash-guard', '--hook-stage', stage]) };
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
