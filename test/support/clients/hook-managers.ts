import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../setup/repository-files.js';

/** Managers of git's hooks, at the versions that the tests were written for. */
const PACKAGES = { husky: 'husky@9.1.7', lefthook: 'lefthook@2.2.2', 'pre-commit': 'pre-commit==4.7.0' } as const;
const INSTALL_TIMEOUT_MS = 5 * 60_000;

export type ManagerName = keyof typeof PACKAGES;

/**
 * Finds a manager of git's hooks; where it is missing, installs it into a cache folder, once. Its own install scripts are not
 * run: lefthook's writes hooks into the repository around it.
 * @returns the path of its command
 * @throws Error that says what to install
 */
export async function findManager(name: ManagerName): Promise<string> {
  const folder = join(ROOT, 'node_modules', '.cache', 'hook-managers', PACKAGES[name]);
  const command = name === 'pre-commit' ? join(folder, 'bin', name) : join(folder, 'node_modules', '.bin', name);
  if (existsSync(command)) return command;
  if (name === 'pre-commit' && (await isOnPath(name))) return name;
  mkdirSync(dirname(folder), { recursive: true });
  try {
    await (name === 'pre-commit' ? installFramework(folder) : installPackage(folder, PACKAGES[name]));
  } catch (error) {
    throw new Error(`The tests need ${name}, which can't be installed here: ${String(error).slice(0, 300)}`);
  }
  return command;
}

/** The folder that a manager's command was installed in; to be copied into a repository as its node_modules. */
export function modulesOf(command: string): string {
  return dirname(dirname(command));
}

/** The program's folder comes first in PATH, as the manager's hooks need it. @param command a path, or a name on the PATH */
export function pathOf(command: string): string {
  const path = process.env.PATH ?? '';
  return command.includes('/') ? `${dirname(command)}${delimiter}${path}` : path;
}

async function installPackage(folder: string, spec: string): Promise<void> {
  const options = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--prefix', folder];
  mkdirSync(folder, { recursive: true });
  await run('npm', ['install', ...options, spec]);
}

/** It is a Python program: into a virtual environment. */
async function installFramework(folder: string): Promise<void> {
  await run('python3', ['-m', 'venv', folder]);
  await run(join(folder, 'bin', 'pip'), ['install', '-q', PACKAGES['pre-commit']]);
}

async function isOnPath(name: string): Promise<boolean> {
  return run(name, ['--version']).then(
    () => true,
    () => false,
  );
}

async function run(file: string, args: readonly string[]): Promise<void> {
  await promisify(execFile)(file, args, { timeout: INSTALL_TIMEOUT_MS });
}
