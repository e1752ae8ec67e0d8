// @ts-check
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Kept for later runs; nothing of it is a dependency of the product. */
const cache = fileURLToPath(new URL('../../node_modules/.cache/popstash/rivals', import.meta.url));

/**
 * @param {string} specifier `agent-lease-mcp==0.2.0`
 * @returns {string} folder of its programs
 */
export function installFromPypi(specifier) {
  const folder = join(cache, specifier.replace('==', '@'));
  const bin = join(folder, 'bin');
  if (!existsSync(join(folder, 'installed'))) {
    execFileSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' });
    execFileSync(join(bin, 'pip'), ['install', '--quiet', specifier], { stdio: 'inherit' });
    writeFileSync(join(folder, 'installed'), '');
  }
  return bin;
}

/**
 * @param {string} name of a package
 * @param {string} version
 * @returns {string} folder of the package
 */
export function installFromNpm(name, version) {
  const prefix = join(cache, `${name.replace('/', '+')}@${version}`);
  const folder = join(prefix, 'node_modules', name);
  if (!existsSync(join(folder, 'package.json'))) {
    mkdirSync(prefix, { recursive: true });
    writeFileSync(join(prefix, 'package.json'), JSON.stringify({ private: true }));
    const options = ['--loglevel=error', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', prefix];
    execFileSync('npm', ['install', ...options, `${name}@${version}`], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  return folder;
}
