import { join, resolve } from 'node:path';
import { chooseDataDir, type Environment, homeFolder } from '../../../config.js';

/**
 * The expression of a POSIX shell for the launcher's path, the same on every machine: in files that a team shares. `Environment`
 * decides as `findLauncher` does.
 */
const SHARED_PATH = `"\${POPSTASH_DATA_DIR:-\${XDG_DATA_HOME:-$HOME/.local/share}/popstash}/bin/popstash"`;
const SHARED_WINDOWS_PATH = "(Join-Path $env:LOCALAPPDATA 'popstash\\bin\\popstash.cmd')";

/** Says in a hook's command that a plugin of its client has brought it: hooks of settings go before it. */
export const PLUGIN_FLAG = '--plugin';

/** The folder of the launcher, and of a program that init has copied out of the cache of npx. */
export function chooseLauncherFolder(env: Environment): string {
  if (env.POPSTASH_DATA_DIR !== undefined || process.platform === 'win32') return chooseDataDir(env);
  // Also on a Mac, where the data are elsewhere: shared files name the same path on every Unix.
  return resolve(join(env.XDG_DATA_HOME ?? join(homeFolder(env), '.local', 'share'), 'popstash'));
}

/**
 * The environment of a user, from that of a local server, which names its data folder in any case: where it is the one that
 * applies without a name, the user's hooks have none.
 */
export function userEnvironment(env: Environment): Environment {
  const unnamed = { ...env, POPSTASH_DATA_DIR: undefined };
  return chooseDataDir(unnamed) === chooseDataDir(env) ? unnamed : env;
}

/** Absolute. It need not exist. */
export function findLauncher(env: Environment): string {
  return join(chooseLauncherFolder(env), 'bin', process.platform === 'win32' ? 'popstash.cmd' : 'popstash');
}

/**
 * A command of a POSIX shell that runs the launcher of whoever's machine it is, and does nothing where there is none: some
 * clients take any other end for a denial.
 */
export function sharedHookCommand(): string {
  return `p=${SHARED_PATH}; [ ! -x "$p" ] || "$p" hook`;
}

/** The same for PowerShell. @param words of the command line, without special characters */
export function sharedPowershellHook(words: readonly string[]): string {
  return `$p = ${SHARED_WINDOWS_PATH}; if (Test-Path $p) { $input | & $p hook ${words.join(' ')} }`;
}
