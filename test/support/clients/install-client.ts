import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../setup/repository-files.js';

/** A client program on npm, at the version that the trials were written for. */
export interface ClientPackage {
  name: string;
  version: string;
  /** Its command, below node_modules/.bin. */
  command: string;
}

export type InstalledClient = { command: string } | { missing: string };

/** Some are 200 MB. In ms. */
const INSTALL_TIMEOUT_MS = 10 * 60_000;
const MAX_REASON_CHARS = 300;

/**
 * Installs a client from npm into a cache folder, once. It is no dependency of the project.
 * @returns the path of its command, or why it is missing
 */
export async function installClient({ name, version, command }: ClientPackage): Promise<InstalledClient> {
  const folder = join(ROOT, 'node_modules', '.cache', 'clients', `${name.replace('/', '+')}@${version}`);
  const path = join(folder, 'node_modules', '.bin', command);
  if (existsSync(path)) return { command: path };
  mkdirSync(folder, { recursive: true });
  try {
    // Some unpack their program in a script of the package.
    const options = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts=false', '--prefix', folder];
    await promisify(execFile)('npm', ['install', ...options, `${name}@${version}`], { timeout: INSTALL_TIMEOUT_MS });
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, MAX_REASON_CHARS) : String(error);
    return { missing: `${name}@${version} can't be installed from npm here: ${reason}` };
  }
  return existsSync(path) ? { command: path } : { missing: `${name}@${version} has no command ${command}` };
}
