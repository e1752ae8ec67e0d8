import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EnvironmentChange } from '../setup/environment.js';
import { createFolder } from '../setup/folders.js';
import { runCommand } from './processes.js';

/** A repository with two files, its first commit, and git's guards as init installs them. */
export async function createGuardedRepository(env: EnvironmentChange): Promise<string> {
  const folder = createFolder();
  mkdirSync(join(folder, 'src', 'lib'), { recursive: true });
  for (const path of ['src/auth.ts', 'src/lib/a.ts']) writeFileSync(join(folder, path), 'one\n');
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'pipe' });
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'Test');
  git('config', 'user.email', 'test@example.invalid');
  git('add', '-A');
  git('commit', '-qm', 'first');
  const init = await runCommand(['init', '--yes', '--client', 'claude'], { env, cwd: folder });
  if (init.code !== 0) throw new Error(`popstash init failed: ${init.stdout}${init.stderr}`);
  return folder;
}
