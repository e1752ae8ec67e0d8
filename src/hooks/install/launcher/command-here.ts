import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { Environment } from '../../../config.js';
import { findPackage } from '../../../package-root.js';
import { shellCommand } from '../../../text/shell-command.js';
import { wordCommands } from '../../../text/word-commands.js';
import { findLauncher } from './launcher-path.js';

/** A text of ours with the commands in it as they work here. */
export type WordCommands = (text: string) => string;

/**
 * The one place that decides how texts name this program: `popstash` where that is this very program, else npx where it was
 * started by that, the launcher where there is one, npx where it is an installed package, or node and the script.
 * @param script of this program
 * @param path PATH of the user's shell; undefined where it is not known: a client may have another one
 */
function findCommandHere(env: Environment, script: string, path: string | undefined): string[] {
  const main = realpathOrNull(script);
  const isOnPath = (path ?? '').split(delimiter).some((folder) => {
    // npx puts a folder of its own before all others, while it runs.
    return !isInNpxCache(folder) && main !== null && isProgram(join(folder, 'popstash'), main);
  });
  if (isOnPath) return ['popstash'];
  if (main !== null && isInNpxCache(main)) return npxWords();
  const launcher = findLauncher(env);
  if (existsSync(launcher)) return [launcher];
  return main !== null && isInstalled(dirname(dirname(main))) ? npxWords() : ['node', main ?? script];
}

/** For texts of a command that its user has typed. They are looked for once, when a text first names a command. */
export function wordForShell(env: Environment, script: string): WordCommands {
  return wordLate(() => findCommandHere(env, script, env.PATH));
}

/** For texts that an agent reads, and hands on to its user. They are looked for once, when a text first names a command. */
export function wordForAgents(env: Environment, root = findPackage().root): WordCommands {
  return wordLate(() => findCommandHere(env, join(root, 'dist', 'main.js'), undefined));
}

/** For those who work on another machine. */
export const wordForOthers: WordCommands = wordLate(npxWords);

function wordLate(find: () => string[]): WordCommands {
  let words: string | undefined;
  return (text) =>
    wordCommands(text, () => {
      words ??= shellCommand(find());
      return words;
    });
}

/** `npx -y popstash@0`: the package with what it keeps compatible. */
export function npxWords(): string[] {
  return ['npx', '-y', `popstash@${findMajor()}`];
}

export function findMajor(): number {
  return Number(findPackage().version.split('.')[0]);
}

/** Below a folder of packages: of a project, of all projects, or of npx. */
export function isInstalled(root: string): boolean {
  return /[\\/]node_modules[\\/]popstash$/.test(root);
}

/** Whether it lies in the cache of npx, which is emptied now and then. */
export function isInNpxCache(root: string): boolean {
  return /[\\/]_npx[\\/]/.test(root);
}

function realpathOrNull(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

function isProgram(path: string, main: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return realpathSync(path) === main;
  } catch {
    return false;
  }
}
