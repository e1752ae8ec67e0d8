import { userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/** As the environment of a process has them. */
type Variables = Readonly<Record<string, string | undefined>>;

/** What programs write where a variable was to be: a client that replaces none, or a script that put a value's name there. */
const NOT_REPLACED = /^\$\w|\$\{|\$\(|%\w+%|^(undefined|null|NaN)$|^\[object /;

/** Why a text can't be meant as a path, in words that follow it; null when it can. */
export function findPathFault(text: string): string | null {
  if (NOT_REPLACED.test(text)) return 'stands for a value that nothing put in its place';
  if (/^~[^/\\]/.test(text)) return "names another user's home, which is not looked up";
  return text.includes('\0') ? 'has a NUL in it' : null;
}

/** A path from the current folder, or from `~`, in full. */
export function absolutePath(path: string, env: Variables): string {
  const home = /^~([/\\]|$)/.test(path) ? findHome(env) : null;
  return home === null ? resolve(path) : join(home, path.slice(1));
}

/** The user's home folder: an absolute HOME, else what the system knows; null where it knows none. */
export function findHome(env: Variables): string | null {
  const said = process.platform === 'win32' ? env.USERPROFILE : env.HOME;
  if (said !== undefined && isAbsolute(said)) return said;
  try {
    return userInfo().homedir;
  } catch {
    // A user id without an entry, as containers are given.
    return null;
  }
}

/** Who runs this process, for people: a user id without an entry has no name. */
export function nameUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
