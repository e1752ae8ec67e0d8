import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCommand } from '../processes/processes.js';
import type { EnvironmentChange } from '../setup/environment.js';
import { createFolder } from '../setup/folders.js';

/** Git in a folder, without hooks: what lies before the day. */
export function git(folder: string, ...args: string[]): void {
  const options = ['-c', 'core.hooksPath=/dev/null', '-c', 'protocol.file.allow=always'];
  execFileSync('git', [...options, ...args], { cwd: folder, stdio: 'pipe' });
}

export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** A repository with these files in its first commit, and a remote `origin` that has it. */
export function createRepository(files: Readonly<Record<string, string>>): string {
  const folder = realpathSync(createFolder());
  git(folder, 'init', '-q', '-b', 'main');
  configure(folder);
  writeFiles(folder, files);
  git(folder, 'add', '-A');
  git(folder, 'commit', '-qm', 'first');
  const remote = join(createFolder(), 'remote.git');
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', remote], { stdio: 'pipe' });
  git(folder, 'remote', 'add', 'origin', remote);
  git(folder, 'push', '-q', '-u', 'origin', 'main');
  return folder;
}

function configure(folder: string): void {
  git(folder, 'config', 'user.name', 'Test');
  git(folder, 'config', 'user.email', 'test@example.invalid');
  git(folder, 'config', 'protocol.file.allow', 'always');
}

/** A branch with one commit that changes these files; the current one stays. */
export function addBranch(folder: string, branch: string, files: Readonly<Record<string, string>>): void {
  git(folder, 'checkout', '-q', '-b', branch);
  writeFiles(folder, files);
  git(folder, 'add', '-A');
  git(folder, 'commit', '-qm', `change on ${branch}`);
  git(folder, 'checkout', '-q', 'main');
}

/** Git's guards as `popstash init` installs them. */
export async function installGuards(folder: string, env: EnvironmentChange): Promise<void> {
  const init = await runCommand(['init', '--yes', '--client', 'claude'], { env, cwd: folder });
  if (init.code !== 0) throw new Error(`popstash init failed: ${init.stdout}${init.stderr}`);
  // What init has written, and what was installed before, is no part of the day.
  git(folder, 'add', '-A');
  git(folder, 'commit', '-qm', 'PopStash');
}
