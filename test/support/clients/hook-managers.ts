import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../setup/repository-files.js';

/** Managers of git's hooks, at the versions that the tests were written for. */
const PACKAGES = { husky: 'husky@9.1.7', lefthook: 'lefthook@2.2.2' } as const;
const INSTALL_TIMEOUT_MS = 5 * 60_000;

/**
 * Installs husky or lefthook from npm into a cache folder, once; pre-commit from Debian, where it is missing.
 * @returns the folder node_modules with the manager; of pre-commit its command
 * @throws Error that says what to install
 */
export async function findManager(name: 'husky' | 'lefthook' | 'pre-commit'): Promise<string> {
  if (name === 'pre-commit') return findFramework();
  const folder = join(ROOT, 'node_modules', '.cache', 'hook-managers', PACKAGES[name]);
  const modules = join(folder, 'node_modules');
  if (existsSync(join(modules, '.bin', name))) return modules;
  mkdirSync(folder, { recursive: true });
  const options = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--prefix', folder];
  await promisify(execFile)('npm', ['install', ...options, PACKAGES[name]], { timeout: INSTALL_TIMEOUT_MS });
  return modules;
}

function findFramework(): string {
  if (!isThere() && process.getuid?.() === 0) {
    const options = { stdio: 'ignore', timeout: INSTALL_TIMEOUT_MS } as const;
    execFileSync('apt-get', ['update', '-q'], options);
    execFileSync('apt-get', ['install', '-yq', '--no-install-recommends', 'pre-commit'], options);
  }
  if (!isThere())
    throw new Error('The tests need the framework pre-commit (Debian: pre-commit; macOS: brew install pre-commit).');
  return 'pre-commit';
}

function isThere(): boolean {
  try {
    execFileSync('pre-commit', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
