// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * @typedef {object} Installed
 * @property {string} name as it is imported; an alias where the package was installed under one
 * @property {string} folder absolute
 * @property {Record<string, any>} manifest its package.json
 */

/**
 * The named packages and everything that they need, as installed here. What lies inside another package's own
 * node_modules is part of that package.
 * @param {string} root folder that has node_modules
 * @param {readonly string[]} names
 * @returns {Installed[]}
 * @throws Error naming a package that is needed and not installed
 */
export function findInstalled(root, names) {
  /** @type {Map<string, Installed>} */
  const found = new Map();
  const visit = (/** @type {string} */ from, /** @type {string} */ name, /** @type {boolean} */ optional) => {
    const folder = locate(from, name, root);
    if (folder === null) {
      if (optional) return;
      throw new Error(`${name} is not installed: run npm ci`);
    }
    if (found.has(folder)) return;
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    found.set(folder, { name, folder, manifest });
    // npm lists an optional dependency in both.
    const optionals = manifest.optionalDependencies ?? {};
    for (const needed of Object.keys({ ...manifest.dependencies, ...optionals }))
      visit(folder, needed, needed in optionals);
  };
  for (const name of names) visit(root, name, false);
  return [...found.values()].filter(({ name, folder }) => folder === join(root, 'node_modules', name));
}

/**
 * @param {string} from
 * @param {string} name
 * @param {string} root
 * @returns {string | null} the folder that node would load the package from
 */
function locate(from, name, root) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (folder === root || dirname(folder) === folder) return null;
  }
}
