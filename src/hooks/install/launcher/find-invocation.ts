import { chooseDataDir, chooseGuard, type Environment } from '../../../config.js';
import { findPackage } from '../../../package-root.js';
import type { Invocation } from '../install-types.js';
import { findMajor, isInstalled, npxWords } from './command-here.js';
import { findLauncher } from './launcher-path.js';
import type { LauncherFacts } from './write-launcher.js';

/** Who the files are written for: all who share the project, this user in all projects, or this machine alone. */
export type Scope = 'project' | 'user' | 'local';

/**
 * How the files start PopStash. Those of a project that a team shares name nothing of this machine.
 * @param scope where its user has not said it: `project`, unless this program is no installed package
 */
export function findInvocation(env: Environment, scope: Scope | undefined): Invocation {
  const { POPSTASH_DATA_DIR: dataDir, POPSTASH_PROJECT: project } = env;
  return {
    program: [findLauncher(env)],
    shared: (scope ?? defaultScope()) === 'project' ? npxWords() : null,
    flags: [...(dataDir ? ['--data-dir', chooseDataDir(env)] : []), ...(project ? ['--project', project] : [])],
    env: { ...(dataDir && { POPSTASH_DATA_DIR: chooseDataDir(env) }), ...(project && { POPSTASH_PROJECT: project }) },
  };
}

/** What this machine's launcher starts. */
export function readLauncherFacts(env: Environment, root = findPackage().root): LauncherFacts {
  return { path: findLauncher(env), root, node: process.execPath, major: findMajor(), guard: chooseGuard(env) };
}

/** A program that is built from its source is not in the registry as others would get it from there. */
export function defaultScope(): Scope {
  return isInstalled(findPackage().root) ? 'project' : 'local';
}

/** What the user should know about it. */
export function listNotes(env: Environment, { shared }: Invocation): string[] {
  const notes: string[] = [];
  if (shared === null && !isInstalled(findPackage().root)) {
    notes.push('this popstash is no installed package, so the files start it by its launcher on this machine.');
  }
  if (shared !== null) {
    const own = (['POPSTASH_DATA_DIR', 'POPSTASH_PROJECT'] as const).filter((name) => env[name]);
    if (own.length > 0)
      notes.push(`${own.join(' and ')} is not written into files that a team shares: set it where your clients start.`);
  }
  if (env.DATABASE_URL) notes.push('DATABASE_URL is not written into any file: set it where your clients start.');
  return notes;
}
