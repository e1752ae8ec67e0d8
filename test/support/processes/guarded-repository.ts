import type { EnvironmentChange } from '../setup/environment.js';
import { createRepository } from '../setup/repositories.js';
import { runCommand } from './processes.js';

const FILES = ['src/auth.ts', 'src/lib/a.ts'];

/** A repository with its first commit, and git's guards as init installs them. */
export async function createGuardedRepository(env: EnvironmentChange, files = FILES): Promise<string> {
  const folder = createRepository(undefined, files);
  const init = await runCommand(['init', '--yes', '--client', 'claude'], { env, cwd: folder });
  if (init.code !== 0) throw new Error(`popstash init failed: ${init.stdout}${init.stderr}`);
  return folder;
}
