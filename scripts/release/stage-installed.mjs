// @ts-check
import { cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { isUnused } from '../unused-files.mjs';

/**
 * Copies an installed package without the files of other platforms, with a manifest that npm can pack and install by
 * itself: under the name that it is imported by, asking only for what is installed here.
 * @param {import('./find-installed.mjs').Installed} installed
 * @param {string} target folder to write
 * @returns {string} target
 */
export function stageInstalled({ name, folder, manifest }, target) {
  cpSync(folder, target, {
    recursive: true,
    filter: (path) => !isUnused(`${name}/${relative(folder, path).split(sep).join('/')}`),
  });
  const { scripts, devDependencies, optionalDependencies = {}, files, ...kept } = manifest;
  const nested = listNested(join(folder, 'node_modules'));
  const isInstalled = (/** @type {string} */ other) => existsSync(join(folder, ...up(name), other, 'package.json'));
  const optional = Object.entries(optionalDependencies).filter(([other]) => isInstalled(other));
  const needed = Object.entries(manifest.dependencies ?? {}).filter(([other]) => !(other in optionalDependencies));
  const staged = {
    ...kept,
    name,
    dependencies: Object.fromEntries([...needed, ...optional]),
    ...(nested.length > 0 && { bundleDependencies: nested }),
  };
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(staged, undefined, 2)}\n`);
  return target;
}

/**
 * Steps from a package's folder to the node_modules that holds it.
 * @param {string} name
 */
function up(name) {
  return name.split('/').map(() => '..');
}

/**
 * @param {string} nodeModules
 * @returns {string[]}
 */
function listNested(nodeModules) {
  if (!existsSync(nodeModules)) return [];
  return readdirSync(nodeModules)
    .filter((entry) => !entry.startsWith('.'))
    .flatMap((entry) =>
      entry.startsWith('@') ? readdirSync(join(nodeModules, entry)).map((inner) => `${entry}/${inner}`) : [entry],
    );
}
